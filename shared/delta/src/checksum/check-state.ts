import { isSiltError, type ObjectStore } from '@silt/core'
import type { LogSegment } from '../log/segment.ts'
import type { TableState } from '../snapshot/table-state.ts'
import { checksumDifferences } from './compare-checksum.ts'
import { exactTally, TallySince, type FileTally } from './tally.ts'
import { readChecksum, type VersionChecksum } from './version-checksum.ts'

/** What the entries of a segment tell of its live files: all of them, where there is no checkpoint, and what came after the newest checksum. */
export interface SegmentTally {
  readonly whole: TallySince | undefined
  readonly sinceChecksum: TallySince | undefined
}

export function segmentTally({ checkpoint, checksum }: LogSegment): SegmentTally {
  return {
    whole: checkpoint === undefined ? new TallySince(-1) : undefined,
    sinceChecksum: checksum === undefined ? undefined : new TallySince(checksum),
  }
}

/**
 * `state` with its tally, where the commits or the newest version checksum of its segment tell it, and with what that checksum says otherwise than the
 * log. `counted`: its live files, where they were read. A checksum that is gone, broken or wrong is never an error: the log is what counts
 * (§ Reader Requirements of version checksums). One GET where the segment lists a checksum. Errors: the store's.
 */
export async function withChecksum<State extends TableState>(
  store: ObjectStore,
  segment: LogSegment,
  state: State,
  tallies: SegmentTally,
  counted?: FileTally,
): Promise<State> {
  const known = counted === undefined ? tallies.whole?.tally : exactTally(counted)
  if (segment.checksum === undefined) return withFindings(state, known, [])
  const read = await readLeniently(store, segment.checksum)
  if (read === undefined) return withFindings(state, known, [])
  if (typeof read === 'string') return withFindings(state, known, [read])
  if (segment.checksum < state.version) return withFindings(state, known ?? sumOf(read, tallies), [])
  const problems = checksumDifferences(read, { ...state, tally: known })
  return withFindings(state, known ?? (problems.length === 0 ? sumOf(read, tallies) : undefined), problems)
}

async function readLeniently(store: ObjectStore, version: number): Promise<VersionChecksum | string | undefined> {
  try {
    return await readChecksum(store, version)
  } catch (error) {
    if (isSiltError(error, 'delta/broken-log')) return error.message
    throw error
  }
}

function sumOf({ numFiles, tableSizeBytes }: VersionChecksum, tallies: SegmentTally): FileTally | undefined {
  const since = tallies.sinceChecksum?.tally
  return since && exactTally({ files: numFiles + since.files, bytes: tableSizeBytes + since.bytes })
}

function withFindings<State extends TableState>(
  state: State,
  tally: FileTally | undefined,
  checksumProblems: readonly string[],
): State {
  return Object.freeze({
    ...state,
    ...(tally === undefined ? {} : { tally }),
    ...(checksumProblems.length === 0 ? {} : { checksumProblems }),
  })
}

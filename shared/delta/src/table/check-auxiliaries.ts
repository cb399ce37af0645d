import { canonicalJson, isSiltError, type Json, type ObjectStore } from '@silt/core'
import type { Action } from '../actions/action.ts'
import { decodeEntry } from '../actions/entry-body.ts'
import { checksumDifferences } from '../checksum/compare-checksum.ts'
import type { FileTally } from '../checksum/tally.ts'
import { readChecksum } from '../checksum/version-checksum.ts'
import { checksumKey, type CompactionFile, type LogFile } from '../log/file-names.ts'
import { reconciled } from '../log/reconcile.ts'
import { readEntry } from '../log/tail.ts'
import type { Replay } from '../snapshot/replay.ts'
import type { CheckFinding } from './check-finding.ts'

/** Compares the version checksum of a version with what the log amounts to there (§ State Validation). One that is gone says nothing. */
export async function checkChecksum(
  store: ObjectStore,
  version: number,
  replay: Replay,
  at: { readonly tally: FileTally | undefined; readonly inCommitTimestampMs: number | undefined },
): Promise<readonly CheckFinding[]> {
  const where = checksumKey(version)
  const { protocol, metadata, txns, domains } = replay
  if (protocol === undefined || metadata === undefined) return []
  try {
    const checksum = await readChecksum(store, version)
    if (checksum === undefined) return []
    const timed = [...txns.values()].flatMap((each) =>
      each.lastUpdated === undefined ? [] : [[each.appId, each.lastUpdated] as const],
    )
    const table = {
      ...at,
      protocol,
      metadata,
      domains,
      txns: new Map([...txns].map(([appId, txn]) => [appId, txn.version])),
      txnTimes: new Map(timed),
    }
    const code = 'checksum-differs'
    return checksumDifferences(checksum, table).map((message) => ({ code, where, message }))
  } catch (error) {
    if (!isSiltError(error, 'delta/broken-log')) throw error
    return [{ code: 'checksum-unreadable', where, message: error.message }]
  }
}

/** Compares every compaction whose commits are all there with what these amount to. Memory: the actions of one compaction, twice. */
export async function checkCompactions(
  store: ObjectStore,
  files: readonly LogFile[],
): Promise<readonly CheckFinding[]> {
  const findings: CheckFinding[] = []
  for (const file of files) if (file.kind === 'compaction') findings.push(...(await checkCompaction(store, file)))
  return findings
}

async function checkCompaction(store: ObjectStore, file: CompactionFile): Promise<readonly CheckFinding[]> {
  const commits: Action[] = []
  let said: ReadonlyMap<string, Action>
  try {
    for (let version = file.version; version <= file.endVersion; version++) {
      const entry = await readEntry(store, version)
      if (entry === undefined) return []
      commits.push(...entry.actions)
    }
  } catch (error) {
    // The commit's own finding says it.
    if (isSiltError(error, 'delta/broken-log')) return []
    throw error
  }
  const found = await store.get(file.key)
  if (found.kind === 'missing') return []
  try {
    said = reconciled(decodeEntry(file.key, found.body))
  } catch (error) {
    if (!isSiltError(error, 'delta/broken-log')) throw error
    return [{ code: 'compaction-unreadable', where: file.key, message: error.message }]
  }
  return differences(said, reconciled(commits)).map((message) => ({
    code: 'compaction-differs',
    where: file.key,
    message,
  }))
}

function differences(said: ReadonlyMap<string, Action>, is: ReadonlyMap<string, Action>): readonly string[] {
  const messages: string[] = []
  for (const [identity, action] of is) {
    const other = said.get(identity)
    // Expired tombstones may have been left out.
    if (other === undefined && 'remove' in action) continue
    if (other === undefined) messages.push(`it lacks ${named(identity)}`)
    else if (content(other) !== content(action))
      messages.push(`its ${named(identity)} is not what the commits amount to`)
  }
  for (const identity of said.keys())
    if (!is.has(identity)) messages.push(`${named(identity)} is in none of its commits`)
  return messages
}

/** Of a file whether it came or went, of the rest all. */
function content(action: Action): string {
  if ('add' in action) return 'add'
  return 'remove' in action ? 'remove' : canonicalJson(JSON.parse(JSON.stringify(action)) as Json)
}

function named(identity: string): string {
  return identity.split('\u0000')[0] ?? identity
}

import { isSiltError, type ObjectStore, type ParquetReader } from '@silt/core'
import type { Action, AddAction, Metadata, Protocol } from '../actions/action.ts'
import { commitInfoOf } from '../actions/commit-info.ts'
import { fileKey } from '../actions/file-key.ts'
import { readCheckpoint } from '../checkpoint/read-checkpoint.ts'
import { plainProtocol } from '../checksum/compare-checksum.ts'
import { exactTally, type FileTally } from '../checksum/tally.ts'
import { entryFaults } from '../log/entry-rules.ts'
import { commitKey, type LogFile } from '../log/file-names.ts'
import { completeCheckpoints, type CheckpointFiles } from '../log/segment.ts'
import { readEntry } from '../log/tail.ts'
import { parseSchema } from '../schema/parse-schema.ts'
import { newReplay, replayAction, type Replay } from '../snapshot/replay.ts'
import { checkChecksum, checkCompactions } from './check-auxiliaries.ts'
import type { CheckFinding } from './check-finding.ts'

export interface LogCheck {
  readonly version: number | undefined
  readonly live: readonly AddAction[]
  /** Undefined where the newest version has none, which is a finding. */
  readonly protocol: Protocol | undefined
  readonly metadata: Metadata | undefined
  readonly commitsRead: number
  readonly checkpointsCompared: number
  readonly findings: readonly CheckFinding[]
}

/** A wrong count goes on from one version checksum to the next: the first ones tell. */
const checksumFindingsMax = 10

/** Walks the log from its oldest readable version to its newest, comparing every checkpoint on the way. */
export async function checkLog(
  store: ObjectStore,
  reader: ParquetReader,
  files: readonly LogFile[],
): Promise<LogCheck> {
  const findings: CheckFinding[] = []
  const commits = new Set(files.flatMap((file) => (file.kind === 'commit' ? [file.version] : [])))
  const checkpoints = new Map(completeCheckpoints(files).map((each) => [each.version, each]))
  const checksums = new Set(files.flatMap((file) => (file.kind === 'checksum' ? [file.version] : [])))
  const newest = Math.max(-1, ...commits, ...checkpoints.keys())
  let checkpointsCompared = 0
  let commitsRead = 0
  let replay: Replay | undefined = commits.has(0) ? newReplay('files') : undefined
  const counted = new LiveTally()
  const checksumFindings: CheckFinding[] = []
  let inCommitTimestampMs: number | undefined
  const first = replay === undefined ? Math.min(newest, ...checkpoints.keys()) : 0
  if (newest < 0) findings.push({ code: 'no-table', where: store.location, message: 'the log holds no version' })
  for (let version = Math.max(0, first); version <= newest; version++) {
    if (replay !== undefined && commits.has(version)) {
      commitsRead++
      inCommitTimestampMs = await checkEntry(store, version, replay, counted, findings)
    } else if (replay !== undefined) {
      if (!isCleaned(version, commits, checkpoints))
        findings.push({ code: 'log-gap', where: commitKey(version), message: 'the commit is missing' })
      replay = undefined
    }
    const checkpoint = checkpoints.get(version)
    const read = checkpoint && (await replayCheckpoint(store, reader, checkpoint, findings))
    if (checkpoint !== undefined && replay !== undefined && read !== undefined) {
      checkpointsCompared++
      findings.push(...differences(checkpoint, read, replay))
    }
    if (replay === undefined && read !== undefined) {
      replay = read
      counted.begin(read)
    }
    if (replay === undefined || !checksums.has(version) || checksumFindings.length >= checksumFindingsMax) continue
    const at = { tally: counted.tally, inCommitTimestampMs }
    checksumFindings.push(...(await checkChecksum(store, version, replay, at)))
  }
  // After a commit that cannot be read every checksum would be told to differ.
  if (!findings.some((each) => each.code === 'broken-entry')) findings.push(...checksumFindings)
  findings.push(...(await checkCompactions(store, files)))
  if (newest >= 0) checkEnd(newest, replay, findings)
  const live = [...(replay?.files?.adds.values() ?? [])]
  const { protocol, metadata } = replay ?? {}
  return {
    version: newest < 0 ? undefined : newest,
    live,
    protocol,
    metadata,
    commitsRead,
    checkpointsCompared,
    findings,
  }
}

/** Clean-up takes commits from the oldest up and leaves a checkpoint above them; an older checkpoint may be left behind. */
function isCleaned(version: number, commits: ReadonlySet<number>, checkpoints: ReadonlyMap<number, unknown>): boolean {
  return version < Math.min(...commits) && version <= Math.max(...checkpoints.keys())
}

async function checkEntry(
  store: ObjectStore,
  version: number,
  replay: Replay,
  counted: LiveTally,
  findings: CheckFinding[],
): Promise<number | undefined> {
  const where = commitKey(version)
  let actions: readonly Action[]
  try {
    actions = (await readEntry(store, version))?.actions ?? []
  } catch (error) {
    if (!isSiltError(error, 'delta/broken-log')) throw error
    findings.push({ code: 'broken-entry', where, message: error.message })
    return undefined
  }
  for (const message of entryFaults(actions)) findings.push({ code: 'invalid-entry', where, message })
  // Removals first: an add beside the removal of the same file brings nothing twice.
  const removed = new Set(actions.flatMap((each) => ('remove' in each ? [fileKey(each.remove)] : [])))
  for (const action of actions) {
    findings.push(...actionFindings(where, action, replay, removed))
    counted.take(action, replay)
    replayAction(replay, action)
  }
  return commitInfoOf(actions)?.inCommitTimestamp
}

/** Live files and bytes, kept beside a replay: checksums stand at every version, and counting all files at each would take their product. */
class LiveTally {
  #files = 0
  // Large enough on the way, whatever the files say of their size.
  #bytes = 0n

  get tally(): FileTally | undefined {
    return exactTally({ files: this.#files, bytes: Number(this.#bytes) })
  }

  begin({ files }: Replay): void {
    this.#files = files?.adds.size ?? 0
    this.#bytes = 0n
    for (const { size } of files?.adds.values() ?? []) this.#bytes += BigInt(size)
  }

  /** Before `replay` takes it. */
  take(action: Action, { files }: Replay): void {
    if (!('add' in action) && !('remove' in action)) return
    const live = files?.adds.get(fileKey('add' in action ? action.add : action.remove))
    if (live !== undefined) {
      this.#files--
      this.#bytes -= BigInt(live.size)
    }
    if (!('add' in action)) return
    this.#files++
    this.#bytes += BigInt(action.add.size)
  }
}

function actionFindings(where: string, action: Action, replay: Replay, removed: ReadonlySet<string>): CheckFinding[] {
  if ('add' in action) {
    const key = fileKey(action.add)
    const twice = action.add.dataChange && replay.files?.adds.has(key) === true && !removed.has(key)
    return twice ? [{ code: 'duplicate-add', where, message: `${action.add.path} is already live` }] : []
  }
  if ('metaData' in action) return schemaFindings(where, action.metaData.schemaString)
  if (!('txn' in action) || !isOurs(action.txn.appId)) return []
  const { appId, version, lastUpdated } = action.txn
  const before = replay.txns.get(appId)?.version
  const findings: CheckFinding[] = []
  if (before !== undefined && version < before)
    findings.push({ code: 'txn-decreased', where, message: `${appId} went from ${before} to ${version}` })
  if (lastUpdated !== undefined)
    findings.push({ code: 'txn-expires', where, message: `${appId} has lastUpdated, so other engines may expire it` })
  return findings
}

function schemaFindings(where: string, schemaString: string): CheckFinding[] {
  try {
    parseSchema(schemaString)
    return []
  } catch (error) {
    return [{ code: 'broken-schema', where, message: (error as Error).message }]
  }
}

/** Application ids of Silt: `silt:…`, `silt-first:…` and their like. */
function isOurs(appId: string): boolean {
  return /^silt(-[a-z]+)?:/.test(appId)
}

async function replayCheckpoint(
  store: ObjectStore,
  reader: ParquetReader,
  checkpoint: CheckpointFiles,
  findings: CheckFinding[],
): Promise<Replay | undefined> {
  const replay = newReplay('files')
  try {
    for await (const action of readCheckpoint(store, reader, checkpoint, 'files')) replayAction(replay, action)
    return replay
  } catch (error) {
    if (!isSiltError(error, 'delta/broken-log')) throw error
    findings.push({ code: 'checkpoint-unreadable', where: checkpoint.keys.join(' '), message: error.message })
    return undefined
  }
}

/** Tombstones are not compared: a checkpoint may have dropped the expired ones. Nor are foreign txns with a time, for the same reason. */
function differences(checkpoint: CheckpointFiles, read: Replay, replayed: Replay): CheckFinding[] {
  const messages: string[] = []
  const same = (name: string, found: unknown, wanted: unknown): void => {
    if (canonical(found) !== canonical(wanted)) messages.push(`its ${name} differs from what the commits amount to`)
  }
  same('protocol', read.protocol && plainProtocol(read.protocol), replayed.protocol && plainProtocol(replayed.protocol))
  same('metaData', read.metadata, replayed.metadata)
  same('domainMetadata', Object.fromEntries(read.domains), Object.fromEntries(replayed.domains))
  for (const txn of replayed.txns.values())
    if (txn.lastUpdated === undefined && read.txns.get(txn.appId)?.version !== txn.version)
      messages.push(`txn ${txn.appId} is ${read.txns.get(txn.appId)?.version ?? 'missing'}, should be ${txn.version}`)
  const [found, wanted] = [read.files?.adds ?? new Map(), replayed.files?.adds ?? new Map()]
  const lost = [...wanted.keys()].filter((key) => !found.has(key))
  const risen = [...found.keys()].filter((key) => !wanted.has(key))
  if (lost.length > 0) messages.push(`${lost.length} live files are missing from it, the first is ${lost[0]}`)
  if (risen.length > 0) messages.push(`${risen.length} of its files are not live, the first is ${risen[0]}`)
  return messages.map((message) => ({ code: 'checkpoint-differs', where: checkpoint.keys.join(' '), message }))
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each
    const entries = Object.entries(each).filter(([, one]) => one !== undefined && one !== null)
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

function checkEnd(newest: number, replay: Replay | undefined, findings: CheckFinding[]): void {
  // A hole in the log says it already.
  if (replay === undefined && findings.length > 0) return
  const missing = [
    ...(replay?.protocol === undefined ? ['protocol'] : []),
    ...(replay?.metadata === undefined ? ['metaData'] : []),
  ]
  if (missing.length === 0) return
  findings.push({
    code: 'incomplete-state',
    where: commitKey(newest),
    message: `no ${missing.join(' and no ')} can be found`,
  })
}

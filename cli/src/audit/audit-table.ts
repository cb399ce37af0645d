import { isSiltError, physicalName, SiltError, type Clock, type ObjectStore, type ParquetReader } from '@silt/core'
import { deadLetterAppliedAppId, deadLetterPointerAppId, parseUnitTags } from '@silt/contracts'
import {
  columnMappingOf,
  decodePath,
  loadSnapshot,
  readDeletionVector,
  requireReadable,
  type Snapshot,
} from '@silt/delta'
import { findLedger, progressLedgers, tick, tickUntagged, type PartitionLedger } from './partition-ledger.ts'
import { partitionVerdict, unaccountedOffsets, worstVerdict, type Verdict } from './partition-verdict.ts'
import { chainFaults } from './progress-chain.ts'
import {
  readLogEvidence,
  showsForeignRemovals,
  withDeadLetterRemovals,
  type LogEvidence,
  type UnitEvidence,
} from './log-evidence.ts'

export interface AuditDeps {
  readonly store: ObjectStore
  readonly deadLetterStore: ObjectStore
  readonly reader: ParquetReader
  readonly clock: Clock
  /** Told what has been read so far, for a progress line. */
  readonly onProgress: (filesRead: number, filesTotal: number) => void
}

export interface PartitionAudit {
  readonly topic: string
  readonly topicId: string | null
  readonly partition: number
  readonly restart: number
  readonly verdict: Verdict
  readonly first: number
  readonly next: number
  readonly rows: number
  readonly deadLetters: number
  readonly gaps: number
  readonly accepted: number
  /** Offsets nothing accounts for. */
  readonly unaccounted: number
  readonly duplicates: number
  readonly outside: number
  /** What is behind the verdict, in words. */
  readonly because: readonly string[]
}

export interface AuditReport {
  readonly table: string
  readonly version: number
  readonly verdict: Verdict
  readonly rows: number
  readonly deadLetters: number
  readonly partitions: readonly PartitionAudit[]
  /** Rows of other origin: no progress of Silt's covers their topic and partition. */
  readonly foreignRows: number
  readonly foreignCommits: LogEvidence['foreign']
  /** What is wrong beyond single partitions. */
  readonly faults: readonly string[]
}

const projectionWaitMs = 60_000
const projectionPollMs = 500

/**
 * Proves I2 for a table: per partition, the rows at one pinned version plus the dead letters recorded up to it are the
 * offsets of `[first, txn)`, each once, but for counted gaps. Reads every live file's provenance columns once, one bit an offset.
 * Rows that a deletion vector deletes are not there. Errors: `delta/no-table` (invalid), `audit/projection-behind` (unavailable),
 * `delta/unsupported-feature`, and those of the store and the log.
 */
export async function auditTable(deps: AuditDeps): Promise<AuditReport> {
  const main = await loadSnapshot(deps.store, deps.reader)
  requireReadable(main)
  const deadLetters = await deadLettersUpTo(main, deps)
  if (deadLetters !== undefined) requireReadable(deadLetters)
  const log = await readEvidence(main, deadLetters, deps)
  const ledgers = progressLedgers(main.txns)
  const total = main.files.size + (deadLetters?.files.size ?? 0)
  let read = 0
  const onFile = (): void => deps.onProgress(++read, total)
  let foreignRows = 0
  for (const files of ['tagged', 'untagged'] as const) {
    foreignRows += await collect(main, files, deps.store, deps.reader, ledgers, 'rows', onFile)
    if (deadLetters !== undefined)
      await collect(deadLetters, files, deps.deadLetterStore, deps.reader, ledgers, 'deadLetters', onFile)
  }

  const units = unitEvidence(log, main, deadLetters)
  const partitions = [...ledgers.values()].sort(inOrder).map((ledger) => judge(ledger, units, log, main))
  const faults = lostProgress(unitEvidence(log, main, undefined), ledgers)
  return {
    table: deps.store.location,
    version: main.version,
    verdict: tableVerdict(partitions, faults, foreignRows),
    rows: partitions.reduce((sum, { rows }) => sum + rows, 0),
    deadLetters: partitions.reduce((sum, each) => sum + each.deadLetters, 0),
    partitions,
    foreignRows,
    foreignCommits: log.foreign,
    faults,
  }
}

async function readEvidence(main: Snapshot, deadLetters: Snapshot | undefined, deps: AuditDeps): Promise<LogEvidence> {
  const log = await readLogEvidence(deps.store, main.version)
  if (deadLetters === undefined) return log
  const others = await readLogEvidence(deps.deadLetterStore, deadLetters.version, 'dead-letters')
  return withDeadLetterRemovals(log, others, main.metadata.id)
}

/** Rows of a table without any progress prove nothing, however few there are. */
function tableVerdict(partitions: readonly PartitionAudit[], faults: readonly string[], foreignRows: number): Verdict {
  const worst = worstVerdict(partitions.map(({ verdict }) => verdict))
  if (faults.length > 0) return 'failed'
  return partitions.length === 0 && foreignRows > 0 ? 'unverifiable' : worst
}

/** Places that units were committed to and the table has no progress for: without `txn` the next start would write them again. */
function lostProgress(
  units: readonly UnitEvidence[],
  ledgers: ReadonlyMap<string, PartitionLedger>,
): readonly string[] {
  const lost = new Set<string>()
  for (const { topic, topicId, ranges } of units)
    for (const { partition, restart } of ranges)
      if (findLedger(ledgers, topic, topicId, partition, restart) === undefined)
        lost.add(`units of ${topic}/${partition} were committed, and its progress is gone from the table`)
  return [...lost]
}

/** The dead-letter table once it has applied everything the pinned main version recorded; undefined where there is none yet. */
async function deadLettersUpTo(main: Snapshot, deps: AuditDeps): Promise<Snapshot | undefined> {
  const recordedBy = main.txns.get(deadLetterPointerAppId)
  const deadlineMs = deps.clock.monotonicMs() + projectionWaitMs
  for (;;) {
    const snapshot = await loadSnapshot(deps.deadLetterStore, deps.reader).catch((error: unknown) => {
      if (isSiltError(error, 'delta/no-table')) return undefined
      throw error
    })
    const applied = snapshot?.txns.get(deadLetterAppliedAppId(main.metadata.id)) ?? -1
    if (recordedBy === undefined || applied >= recordedBy) return snapshot
    if (deps.clock.monotonicMs() > deadlineMs) {
      const message = `dead letters of version ${recordedBy} are not yet in ${deps.deadLetterStore.location}; is a committer running?`
      throw new SiltError('unavailable', 'audit/projection-behind', message)
    }
    await deps.clock.sleep(projectionPollMs)
  }
}

/** Names that files have for the columns that say where a row came from. */
function provenanceNames(
  snapshot: Snapshot,
): Readonly<Record<'_topic' | '_topic_id' | '_partition' | '_offset', string>> {
  const mapping = columnMappingOf(snapshot)
  const nameOf = (name: string): string => {
    const field = snapshot.schema.fields.find((each) => each.name === name)
    return field === undefined ? name : physicalName(field, mapping)
  }
  return {
    _topic: nameOf('_topic'),
    _topic_id: nameOf('_topic_id'),
    _partition: nameOf('_partition'),
    _offset: nameOf('_offset'),
  }
}

/** Ticks off every row's place in files with or without tags; returns how many rows belong to no partition Silt has progress for. */
async function collect(
  snapshot: Snapshot,
  files: 'tagged' | 'untagged',
  store: ObjectStore,
  reader: ParquetReader,
  ledgers: ReadonlyMap<string, PartitionLedger>,
  kind: 'rows' | 'deadLetters',
  onFile: () => void,
): Promise<number> {
  let foreignRows = 0
  const names = provenanceNames(snapshot)
  for (const add of snapshot.files.values()) {
    const tags = parseUnitTags(add.tags)
    if ((tags !== undefined) !== (files === 'tagged')) continue
    const restarts = new Map(tags?.ranges.map(({ partition, restart }) => [partition, restart]))
    const found = await store.get(decodePath(add.path))
    if (found.kind === 'missing')
      throw new SiltError(
        'data',
        'audit/file-missing',
        `${store.location}/${add.path} is in the log but not in the store`,
      )
    const deleted = add.deletionVector && (await readDeletionVector(store, add.deletionVector))
    let position = 0
    for await (const rows of reader.rows(found.body, { columns: Object.values(names) })) {
      for (const row of rows) {
        if (deleted?.has(position++) === true) continue
        const [placed, offset] = [row[names._partition], row[names._offset]]
        const partition = Number(placed)
        const ledger = findLedger(ledgers, row[names._topic], row[names._topic_id], partition, restarts.get(partition))
        if (ledger === undefined || placed === null || offset === null) foreignRows++
        else if (restarts.has(partition)) tick(ledger, Number(offset), kind)
        else tickUntagged(ledger, Number(offset), kind)
      }
    }
    onFile()
  }
  return foreignRows
}

/** By partition, and within one from its first log to its newest. */
function inOrder(a: PartitionLedger, b: PartitionLedger): number {
  return a.topic.localeCompare(b.topic) || a.partition - b.partition || a.restart - b.restart
}

/** Units by id, from commits where they are still there, else from the tags of files. */
function unitEvidence(log: LogEvidence, main: Snapshot, deadLetters: Snapshot | undefined): readonly UnitEvidence[] {
  const units = new Map<string, UnitEvidence>(log.units)
  for (const add of [...main.files.values(), ...(deadLetters?.files.values() ?? [])]) {
    const tags = parseUnitTags(add.tags)
    if (tags !== undefined && !units.has(tags.unitId)) units.set(tags.unitId, tags)
  }
  return [...units.values()]
}

const brokenStepsShownMax = 5

function judge(
  ledger: PartitionLedger,
  units: readonly UnitEvidence[],
  log: LogEvidence,
  main: Snapshot,
): PartitionAudit {
  const because: string[] = []
  let unitsShort = 0
  let unitsOver = 0
  let unitsLost = 0
  let unitsChecked = 0
  for (const unit of units) {
    if (unit.topic !== ledger.topic || unit.topicId !== ledger.topicId) continue
    for (const range of unit.ranges) {
      if (range.partition !== ledger.partition || range.restart !== ledger.restart || range.endExclusive > ledger.next)
        continue
      const found = ledger.offsets.countWithin(range.start, range.endExclusive)
      unitsChecked++
      if (found < range.read) unitsShort++
      // Of a unit whose commit is there, every later removal is there too; of its dead letters, if their log still has the commit that brought them.
      const version = unit.version ?? -1
      const isTold = version >= 0 && log.removedUnits !== 'any' && !log.removedUnits.has(unit.unitId)
      const untold = version < log.deadLettersToldSince ? range.deadLetters : 0
      if (found < range.read - untold && isTold) unitsLost++
      if (found > range.read) unitsOver++
    }
  }
  const brokenSteps = chainFaults(ledger, log)
  const evidence = {
    ...ledger,
    unitsShort,
    unitsOver,
    unitsLost,
    chainBroken: brokenSteps.length > 0,
    foreignRemovals: showsForeignRemovals(log),
    logsAreWhole: log.isWhole,
  }
  const verdict = partitionVerdict(evidence)
  const unaccounted = unaccountedOffsets(evidence)
  because.push(`${unitsChecked} units checked one by one`)
  for (const { version, decision } of log.decisions)
    if ('partition' in decision && decision.partition === ledger.partition && decision.topicId === ledger.topicId)
      because.push(`${decision.kind} by ${decision.by} in version ${version}`)
  if (unitsShort > 0) because.push(`${unitsShort} units hold fewer offsets than they committed`)
  if (unitsLost > 0) because.push(`${unitsLost} of them had no file removed by another engine`)
  if (unitsOver > 0) because.push(`${unitsOver} units hold more offsets than they committed`)
  because.push(...brokenSteps.slice(0, brokenStepsShownMax))
  if (verdict === 'removed-by-others') because.push(`others removed data: ${describeForeign(log)}`)
  if (verdict === 'unverifiable' && unaccounted > 0)
    because.push(
      `${unaccounted} offsets are in no file, and the commits of their time were cleaned away: who removed them is no longer told`,
    )
  if (!ledger.countersPresent) because.push(`version ${main.version} has no silt-first counter for this partition`)
  return {
    topic: ledger.topic,
    topicId: ledger.topicId,
    partition: ledger.partition,
    restart: ledger.restart,
    verdict,
    first: ledger.first,
    next: ledger.next,
    rows: ledger.rows,
    deadLetters: ledger.deadLetters,
    gaps: ledger.gaps,
    accepted: ledger.accepted,
    unaccounted,
    duplicates: ledger.duplicates,
    outside: ledger.outside,
    because,
  }
}

function describeForeign(log: LogEvidence): string {
  const removals = log.foreign.filter(({ kind }) => kind !== 'appends' && kind !== 'rearranges')
  const tables = { main: '', 'dead-letters': ' of the dead-letter table' }
  return removals
    .map(({ table, version, operation }) => `${operation ?? 'unnamed'} in version ${version}${tables[table]}`)
    .join(', ')
}

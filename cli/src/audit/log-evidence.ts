import type { ObjectStore } from '@silt/core'
import {
  deadLetterAppliedAppId,
  parseCommitRecord,
  parseUnitTags,
  type CommitRecord,
  type CountedRange,
  type Decision,
} from '@silt/contracts'
import { commitInfoOf, entriesDown, entryFacts, type EntryFacts } from '@silt/delta'

/** A unit as its commit or its files' tags recorded it. */
export interface UnitEvidence {
  readonly unitId: string
  readonly topic: string
  readonly topicId: string | null
  readonly ranges: readonly CountedRange[]
  /** Of its commit; undefined where that is gone and only tags tell of it. */
  readonly version?: number
}

/** One stretch of offsets by which a commit moved a partition's `txn`. */
export interface ProgressStep {
  readonly version: number
  readonly topic: string
  readonly topicId: string | null
  readonly partition: number
  readonly restart: number
  readonly from: number
  readonly to: number
  readonly gaps: number
  readonly accepted: number
}

/** What the commits that are still in the log say. */
export interface LogEvidence {
  /** Oldest version whose commit is still there. */
  readonly oldestVersion: number
  /** Nothing was cleaned away. */
  readonly isWhole: boolean
  /** In the order they were committed. */
  readonly steps: readonly ProgressStep[]
  readonly units: ReadonlyMap<string, UnitEvidence>
  readonly decisions: readonly { readonly version: number; readonly decision: Decision }[]
  /** Units of which other engines removed files; `any` where one removed a file that is not a unit's own (a rewritten one). */
  readonly removedUnits: ReadonlySet<string> | 'any'
  /**
   * Who took away dead letters that this version of the main table or a later one recorded is told: their own table's log is cleaned apart from the
   * main one's, and still has the commits that brought them.
   */
  readonly deadLettersToldSince: number
  /** By appId, what the oldest commit that is left and sets it sets it to. */
  readonly oldestTxns: ReadonlyMap<string, number>
  readonly foreign: readonly ForeignCommit[]
}

export interface ForeignCommit {
  readonly table: 'main' | 'dead-letters'
  readonly version: number
  readonly kind: EntryFacts['kind']
  readonly operation: string | undefined
}

/** Reads commits from `version` down to the first that is gone. */
export async function readLogEvidence(
  store: ObjectStore,
  version: number,
  table: ForeignCommit['table'] = 'main',
): Promise<LogEvidence> {
  const units = new Map<string, UnitEvidence>()
  const steps: ProgressStep[] = []
  const decisions: { version: number; decision: Decision }[] = []
  const foreign: ForeignCommit[] = []
  const removedPaths = new Set<string>()
  const removedUnits = new Set<string>()
  const oldestTxns = new Map<string, number>()
  let oldestVersion = version + 1
  for await (const entry of entriesDown(store, version)) {
    oldestVersion = entry.version
    const record: CommitRecord | undefined = parseCommitRecord(commitInfoOf(entry.actions)?.silt)
    for (const unit of record?.units ?? []) units.set(unit.unitId, { ...unit, version: entry.version })
    for (const decision of [...(record?.decisions ?? [])].reverse())
      decisions.push({ version: entry.version, decision })
    steps.push(...stepsOf(entry.version, record).reverse())
    // Newest first: a file is met being removed before it is met being added.
    for (const action of entry.actions) {
      if ('txn' in action) oldestTxns.set(action.txn.appId, action.txn.version)
      if ('remove' in action && record === undefined && action.remove.dataChange) removedPaths.add(action.remove.path)
      if (!('add' in action) || !removedPaths.has(action.add.path)) continue
      const tags = parseUnitTags(action.add.tags)
      if (tags === undefined) continue
      removedUnits.add(tags.unitId)
      removedPaths.delete(action.add.path)
    }
    const facts = entryFacts(entry)
    if (record === undefined && facts.kind !== 'metadata')
      foreign.push({ table, version: entry.version, kind: facts.kind, operation: facts.operation })
  }
  return {
    oldestVersion,
    isWhole: oldestVersion === 0,
    units,
    steps: steps.reverse(),
    decisions: decisions.reverse(),
    removedUnits: removedPaths.size > 0 ? 'any' : removedUnits,
    deadLettersToldSince: 0,
    oldestTxns,
    foreign: foreign.reverse(),
  }
}

/** The main table's evidence, and what others took out of the dead-letter table: its rows prove units too. */
export function withDeadLetterRemovals(main: LogEvidence, deadLetters: LogEvidence, mainTableId: string): LogEvidence {
  const appliedSince = deadLetters.oldestTxns.get(deadLetterAppliedAppId(mainTableId)) ?? Infinity
  const [ours, theirs] = [main.removedUnits, deadLetters.removedUnits]
  return {
    ...main,
    isWhole: main.isWhole && deadLetters.isWhole,
    removedUnits: ours === 'any' || theirs === 'any' ? 'any' : new Set([...ours, ...theirs]),
    deadLettersToldSince: deadLetters.isWhole ? 0 : appliedSince,
    foreign: [...main.foreign, ...deadLetters.foreign.filter(removesRows)],
  }
}

function stepsOf(version: number, record: CommitRecord | undefined): ProgressStep[] {
  const steps: ProgressStep[] = []
  for (const { topic, topicId, ranges } of record?.units ?? [])
    for (const { partition, restart, start, endExclusive, gaps } of ranges)
      steps.push({ version, topic, topicId, partition, restart, from: start, to: endExclusive, gaps, accepted: 0 })
  for (const decision of record?.decisions ?? []) {
    if (decision.kind !== 'accept-gap') continue
    const { topic, topicId, partition, restart, from, to } = decision
    steps.push({ version, topic, topicId, partition, restart, from, to, gaps: 0, accepted: to - from })
  }
  return steps
}

/** Whether another engine took rows out of the table, as far as the log still shows. */
export function showsForeignRemovals(evidence: LogEvidence): boolean {
  return evidence.foreign.some(removesRows)
}

function removesRows({ kind }: ForeignCommit): boolean {
  return kind === 'removes-data' || kind === 'overwrite' || kind === 'restore'
}

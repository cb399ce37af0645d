import type { ObjectStore } from '@silt/core'
import { parseCommitRecord, type CommitRecord, type CountedRange, type Decision } from '@silt/contracts'
import { commitInfoOf, entryFacts, readEntry, type EntryFacts } from '@silt/delta'

/** A unit as its commit or its files' tags recorded it. */
export interface UnitEvidence {
  readonly unitId: string
  readonly topic: string
  readonly topicId: string | null
  readonly ranges: readonly CountedRange[]
}

/** What the commits that are still in the log say. */
export interface LogEvidence {
  /** Oldest version whose commit is still there. */
  readonly oldestVersion: number
  readonly units: ReadonlyMap<string, UnitEvidence>
  readonly decisions: readonly { readonly version: number; readonly decision: Decision }[]
  readonly foreign: readonly {
    readonly version: number
    readonly kind: EntryFacts['kind']
    readonly operation: string | undefined
  }[]
}

/** Reads commits from `version` down to the first that is gone. */
export async function readLogEvidence(store: ObjectStore, version: number): Promise<LogEvidence> {
  const units = new Map<string, UnitEvidence>()
  const decisions: { version: number; decision: Decision }[] = []
  const foreign: { version: number; kind: EntryFacts['kind']; operation: string | undefined }[] = []
  let oldestVersion = version + 1
  for (let each = version; each >= 0; each--) {
    const entry = await readEntry(store, each)
    if (entry === undefined) break
    oldestVersion = each
    const record: CommitRecord | undefined = parseCommitRecord(commitInfoOf(entry.actions)?.silt)
    for (const unit of record?.units ?? []) units.set(unit.unitId, unit)
    for (const decision of record?.decisions ?? []) decisions.push({ version: each, decision })
    const facts = entryFacts(entry)
    if (record === undefined && facts.kind !== 'metadata')
      foreign.push({ version: each, kind: facts.kind, operation: facts.operation })
  }
  return { oldestVersion, units, decisions: decisions.reverse(), foreign: foreign.reverse() }
}

/** Whether another engine took rows out of the table, as far as the log still shows. */
export function showsForeignRemovals(evidence: LogEvidence): boolean {
  return evidence.foreign.some(({ kind }) => kind === 'removes-data' || kind === 'overwrite' || kind === 'restore')
}

import type { EntryFacts } from '../log/entry-facts.ts'

/** What a rebase can make anew from the newest state, and what else must be decided again when another commit won. */
export type Rebuilt = 'txn' | 'metadata' | 'protocol' | 'row-ids' | 'in-commit-timestamp'

/**
 * What a commit that lost its version had read, and what it wants to write.
 *
 * 1. `appIds` and `domains` are those it sets, having read their values.
 * 2. `removes` holds the key of every file it removes, having read their rows (`fileKey`); `readsTable`: it has read all rows or all files.
 * 3. `rebuilds` holds what it makes anew from the state it is rebased on; what is not in it is written as it was prepared.
 */
export interface CommitIntent {
  readonly appIds: ReadonlySet<string>
  readonly domains: ReadonlySet<string>
  readonly readsTable: boolean
  readonly removes: ReadonlySet<string>
  readonly changesMetadata: boolean
  readonly changesProtocol: boolean
  /** Sets row ids on the files it adds (§ Row Tracking). */
  readonly assignsRowIds: boolean
  /** The table keeps its clock in its commits (§ In-Commit Timestamps). */
  readonly isStamped: boolean
  readonly rebuilds: ReadonlySet<Rebuilt>
  /** Its `txn`s tell of rows in the table: where another engine takes them away by RESTORE or overwrite, an operator decides (I12). */
  readonly progressTellsRows: boolean
}

/** Why a commit cannot be rebased; stable, as engines of the field name them. */
export type ConflictCode =
  | 'delta/concurrent-transaction'
  | 'delta/concurrent-metadata-change'
  | 'delta/concurrent-protocol-change'
  | 'delta/concurrent-domain-metadata'
  | 'delta/concurrent-append'
  | 'delta/concurrent-delete-read'
  | 'delta/concurrent-delete-delete'
  | 'delta/concurrent-row-ids'
  | 'delta/concurrent-timestamp'
  | 'delta/table-replaced'

/**
 * What becomes of a commit after another one won its version. `rebase`: it goes on as the next version, with `changes` made anew first; none: as it
 * is but for its version. `refuse`: what it was built on is no longer so. `park`: an operator decides.
 */
export type ConflictVerdict =
  | { readonly kind: 'rebase'; readonly changes: ReadonlySet<Rebuilt> }
  | { readonly kind: 'refuse'; readonly code: ConflictCode; readonly reason: string }
  | { readonly kind: 'park'; readonly reason: 'restore' | 'overwrite' }

/** A commit that won: what it did, and the table's id before it (undefined: whether the table was replaced is seen to elsewhere). */
export interface Winner {
  readonly facts: EntryFacts
  readonly tableId?: string
}

/** Where the table keeps the highest row id given out (§ Row Tracking). */
const rowTrackingDomain = 'delta.rowTracking'

interface Clash {
  /** What makes up for it. */
  readonly needs: Rebuilt
  readonly code: ConflictCode
  readonly reason: string
}

/**
 * The whole matrix of conflicts as one pure function: (what we read and want to write) × (what won). The worst of what applies is the verdict: parking
 * before refusal before rebasing. Of several winners each is judged; `worstVerdict` joins them (§ Transaction Identifiers, § Domain Metadata, § Row Tracking,
 * § In-Commit Timestamps, § Creation of New Log Entries).
 */
export function conflictWith(intent: CommitIntent, { facts, tableId }: Winner): ConflictVerdict {
  if (intent.progressTellsRows && (facts.kind === 'restore' || facts.kind === 'overwrite'))
    return { kind: 'park', reason: facts.kind }
  if (tableId !== undefined && facts.tableId !== undefined && facts.tableId !== tableId)
    return refusal('delta/table-replaced', `the table's id became ${facts.tableId}`)
  const lost = fileConflict(intent, facts)
  if (lost !== undefined) return lost
  const changes = new Set<Rebuilt>()
  for (const clash of clashes(intent, facts)) {
    if (clash === undefined) continue
    if (!intent.rebuilds.has(clash.needs)) return refusal(clash.code, clash.reason)
    changes.add(clash.needs)
  }
  const domain = [...intent.domains].find(
    (each) => facts.domains.has(each) && !(intent.assignsRowIds && each === rowTrackingDomain),
  )
  if (domain !== undefined) return refusal('delta/concurrent-domain-metadata', `it set the domain ${domain} as well`)
  return { kind: 'rebase', changes }
}

/** The verdict over several winners, oldest first: the first that parks, else the first that refuses, else all changes together. */
export function worstVerdict(verdicts: readonly ConflictVerdict[]): ConflictVerdict {
  const worst = verdicts.find((each) => each.kind === 'park') ?? verdicts.find((each) => each.kind === 'refuse')
  if (worst !== undefined) return worst
  return {
    kind: 'rebase',
    changes: new Set(verdicts.flatMap((each) => (each.kind === 'rebase' ? [...each.changes] : []))),
  }
}

/** What the winner did to rows and files that this commit read. Nothing can make up for it but reading again. */
function fileConflict(intent: CommitIntent, facts: EntryFacts): ConflictVerdict | undefined {
  const both = [...intent.removes].find((key) => facts.removedKeys.has(key))
  if (both !== undefined) return refusal('delta/concurrent-delete-delete', `it removed ${shown(both)} as well`)
  if (!intent.readsTable) return undefined
  if (facts.removedFiles > 0)
    return refusal('delta/concurrent-delete-read', `it removed ${facts.removedFiles} files that were read`)
  if (facts.addedFiles > 0) return refusal('delta/concurrent-append', `it added ${facts.addedFiles} files not read yet`)
  return undefined
}

function clashes(intent: CommitIntent, facts: EntryFacts): readonly (Clash | undefined)[] {
  const appId = [...intent.appIds].find((each) => facts.appIds.has(each))
  // Two changes of the protocol may each rest on what the other takes away.
  const twice = intent.changesProtocol && facts.changesProtocol
  return [
    facts.changesProtocol
      ? {
          needs: 'protocol',
          code: 'delta/concurrent-protocol-change',
          reason: twice ? 'both change the protocol' : 'it changed the protocol',
        }
      : undefined,
    facts.changesMetadata
      ? { needs: 'metadata', code: 'delta/concurrent-metadata-change', reason: 'it changed schema or properties' }
      : undefined,
    appId === undefined
      ? undefined
      : { needs: 'txn', code: 'delta/concurrent-transaction', reason: `it set txn ${appId} as well` },
    // Fresh ids begin above the high-water mark, and each file carries the version that commits it.
    intent.assignsRowIds
      ? { needs: 'row-ids', code: 'delta/concurrent-row-ids', reason: 'row ids begin above the newest high-water mark' }
      : undefined,
    intent.isStamped
      ? { needs: 'in-commit-timestamp', code: 'delta/concurrent-timestamp', reason: 'its clock is later than ours' }
      : undefined,
  ]
}

function refusal(code: ConflictCode, reason: string): ConflictVerdict {
  return { kind: 'refuse', code, reason }
}

function shown(key: string): string {
  return key.split('\u0000')[0] ?? key
}

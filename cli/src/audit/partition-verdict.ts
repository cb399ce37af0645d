/**
 * What the audit says of one partition.
 * `proved`: rows + dead letters + gaps fill `[first, next)`, each offset once. `explained`: the same once what an operator gave up is counted.
 * `removed-by-others`: rows are missing and the log shows who removed data. `unverifiable`: what would prove it is no longer there, such as the
 * commits in which missing rows came and may have been removed.
 * `failed`: an offset twice, or missing without a reason.
 */
export type Verdict = 'proved' | 'explained' | 'removed-by-others' | 'unverifiable' | 'failed'

export interface PartitionEvidence {
  readonly first: number
  readonly next: number
  readonly gaps: number
  readonly accepted: number
  /** Distinct offsets found as rows or dead letters. */
  readonly rows: number
  readonly deadLetters: number
  readonly duplicates: number
  /** Rows or dead letters below `first` or at or above `next`. */
  readonly outside: number
  /** Units whose range does not hold as many rows and dead letters as they committed. */
  readonly unitsShort: number
  readonly unitsOver: number
  /** Of `unitsShort`, those that no other engine removed files of. */
  readonly unitsLost: number
  /** Whether the commits that are left do not lead to the present progress and counters. */
  readonly chainBroken: boolean
  readonly foreignRemovals: boolean
  /** Every commit since the table was made is still in both logs: whoever removed rows is in there. */
  readonly logsAreWhole: boolean
  /** Whether the durable counters (`silt-first:…`) were there. */
  readonly countersPresent: boolean
}

/** Offsets of `[first, next)` that nothing accounts for; negative when more is there than there can be. */
export function unaccountedOffsets(evidence: PartitionEvidence): number {
  const { first, next, gaps, accepted, rows, deadLetters } = evidence
  return next - first - gaps - accepted - rows - deadLetters
}

export function partitionVerdict(evidence: PartitionEvidence): Verdict {
  const unaccounted = unaccountedOffsets(evidence)
  if (evidence.chainBroken) return 'failed'
  if (evidence.duplicates > 0 || evidence.outside > 0 || unaccounted < 0 || evidence.unitsOver > 0) return 'failed'
  if (evidence.unitsLost > 0) return 'failed'
  if (!evidence.countersPresent) return 'unverifiable'
  if (unaccounted > 0 || evidence.unitsShort > 0) {
    if (evidence.foreignRemovals) return 'removed-by-others'
    return evidence.logsAreWhole ? 'failed' : 'unverifiable'
  }
  return evidence.accepted > 0 ? 'explained' : 'proved'
}

const severity: readonly Verdict[] = ['proved', 'explained', 'unverifiable', 'removed-by-others', 'failed']

/** The worst of several. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce<Verdict>(
    (worst, each) => (severity.indexOf(each) > severity.indexOf(worst) ? each : worst),
    'proved',
  )
}

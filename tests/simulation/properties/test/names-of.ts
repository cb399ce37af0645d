import { checkEnd, checkHistory, type CheckOptions, type Excuses } from '../index.ts'
import type { HistoryBuilder } from './history-builder.ts'

/** The names of what `checkHistory` finds, each once, sorted. */
export function namesOf(builder: HistoryBuilder, options: CheckOptions = {}): readonly string[] {
  return distinct(checkHistory(builder.history, builder.parquet, options))
}

/** The same of `checkEnd`. */
export function endNamesOf(builder: HistoryBuilder, excuses?: Excuses): readonly string[] {
  return distinct(checkEnd(builder.history, builder.parquet, excuses))
}

function distinct(violations: readonly { readonly name: string }[]): readonly string[] {
  return [...new Set(violations.map(({ name }) => name))].sort()
}

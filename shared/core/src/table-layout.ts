import type { ColumnMapping } from './column-mapping.ts'
import type { RowRules } from './row-rules.ts'
import type { StatisticsRule } from './statistics-columns.ts'

/**
 * What a table's metadata asks of its data files beyond its schema; plain data, which crosses threads and processes. What is left out is not asked:
 * under an empty one files carry the columns' own names and statistics of every column.
 */
export interface TableLayout {
  readonly columnMapping?: ColumnMapping
  readonly statistics?: StatisticsRule
  readonly rowRules?: RowRules
}

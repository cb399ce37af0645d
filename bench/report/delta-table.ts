import type { DeltaResult, Measure } from '../delta/section.ts'
import { table, whole } from './markdown.ts'

const head = ['', 'files', 'Silt, ms', 'deltalake, ms', 'Silt : deltalake', 'Silt, peak MiB', 'deltalake, peak MiB']

/** Time and memory of what is done to a table's log, medians. */
export function deltaTable(results: readonly DeltaResult[]): string {
  const rows = results.map(({ operation, files, madeBy, silt, deltalake }) => [
    madeBy === 'Spark' ? operation : `${operation}, checkpoint by ${madeBy}`,
    whole(files),
    ms(silt),
    ms(deltalake),
    (silt.ms.median / deltalake.ms.median).toFixed(2),
    whole(silt.peakMiB.median),
    whole(deltalake.peakMiB.median),
  ])
  return table(head, rows)
}

function ms({ ms }: Measure): string {
  return ms.median < 100 ? ms.median.toFixed(1) : whole(ms.median)
}

import type { Metrics } from '@silt/core'
import type { UnitThreadsWatch } from '@silt/writer'

/** Shows the unit threads of a table's writer, from the start on. */
export function unitThreadsMetrics(metrics: Metrics, table: string): UnitThreadsWatch {
  const watch: UnitThreadsWatch = {
    onBusy: (threads) => metrics.gauge('silt_encode_threads_busy', { table }, threads),
    onTouched: (bytes) => metrics.gauge('silt_plane_touched_bytes', { table }, bytes),
    onReplaced: () => metrics.count('silt_encode_threads_replaced_total', { table }),
  }
  watch.onBusy(0)
  watch.onTouched(0)
  return watch
}

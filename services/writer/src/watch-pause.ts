import { pauseOf, pauseText } from '@silt/contracts'
import type { FollowedTable } from '@silt/delta'
import type { WriterDeps, WriterOptions } from './writer-options.ts'

/**
 * Says until `signal` aborts whether an operator paused the table: ready either way, with a note while it is. A paused table sends no jobs, so
 * the log is looked at without one. The jobs that are left are done: their commit jobs wait for the release.
 */
export async function watchPause(
  deps: Pick<WriterDeps, 'clock' | 'log' | 'metrics' | 'onReady'>,
  options: Pick<WriterOptions, 'table' | 'logPollMs' | 'pausedPollMs'>,
  log: {
    readonly view: FollowedTable
    readonly refresh: () => Promise<void>
    readonly onError: (error: unknown) => void
  },
  signal: AbortSignal,
): Promise<void> {
  const table = { table: options.table }
  let told: string | undefined
  for (;;) {
    const paused = log.view.state && pauseOf(log.view.state.txns)
    const note = paused === undefined ? '' : pauseText(paused)
    deps.metrics.gauge('silt_table_paused', table, paused === undefined ? 0 : 1)
    if (told !== note) deps.onReady(note)
    if (told !== note && paused !== undefined) deps.log.info({ version: paused.version, code: 'table/paused' }, note)
    told = note
    await deps.clock.sleep(paused === undefined ? options.logPollMs : options.pausedPollMs, signal)
    if (signal.aborted) return
    await log.refresh().catch(log.onError)
  }
}

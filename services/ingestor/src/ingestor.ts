import { IngestorLoop } from './ingestor-loop.ts'
import type { IngestorDeps, IngestorOptions } from './ingestor-options.ts'

/**
 * Plans the partitions this process owns until `signal` aborts or, with `untilIdle`, everything readable at start is committed.
 * Waits while the table or the topic does not exist (the committer makes the table). Whatever dies or is lost, it plans from the log.
 *
 * Errors that end it: `delta/table-replaced`, `delta/unsupported-feature`, `delta/broken-log`, `source/denied`, `queue/denied`; with `untilIdle` also the
 * code of a stopped partition (data) once everything else is in, and `table/paused` (unsupported) while something is not.
 */
export async function runIngestor(deps: IngestorDeps, options: IngestorOptions, signal: AbortSignal): Promise<void> {
  await new IngestorLoop(deps, options).run(signal)
}

import { runCommitter, type Readiness } from '@silt/committer'
import { OnDemandReader } from '@silt/parquet/reader'
import { committerOptions, openCheckpointer } from './committer-parts.ts'
import { tracing, type ProcessParts } from './process-parts.ts'

/**
 * Settings into a committer; standing by counts as ready. With `untilIdle` a table that only an operator can release ends it, with that error:
 * what is to be waited for would never come.
 */
export function committerRun(parts: ProcessParts, untilIdle: boolean): (signal: AbortSignal) => Promise<void> {
  const { settings, table, queues, terminal, metrics, health } = parts
  const log = parts.log.child({ actor: 'committer', table: table.label })
  return async (signal) => {
    const checkpointer = openCheckpointer(settings, terminal)
    const held = new AbortController()
    const onReadiness = ({ ready, detail, error }: Readiness): void => {
      if (ready) health.ready('committer', detail)
      else health.waiting('committer', detail)
      // What is denied now may be permitted again, as for the other actors.
      if (untilIdle && error !== undefined && error.kind !== 'invalid') held.abort(error)
    }
    try {
      await runCommitter(
        {
          store: table.store,
          deadLetterStore: table.deadLetterStore,
          queues: queues.commit,
          lease: queues.lease,
          parquetReader: new OnDemandReader(),
          checkpointer,
          clock: terminal.clock,
          random: terminal.random,
          log,
          metrics,
          ...tracing(parts),
          onReadiness,
        },
        committerOptions(settings, table.label),
        AbortSignal.any([signal, held.signal]),
      )
      held.signal.throwIfAborted()
    } finally {
      await checkpointer.close()
    }
  }
}

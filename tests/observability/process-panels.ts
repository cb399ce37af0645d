import { lines, type PanelPlan } from './panel.ts'

const ours = (metric: string): string => `${metric} and on (job, instance) silt_ready`

/** What every Node process tells of itself, for the processes of Silt. */
export const processPanels: readonly PanelPlan[] = [
  lines(
    'Processor',
    'percentunit',
    { '{{instance}}': ours('rate(process_cpu_seconds_total[$__rate_interval])') },
    'Processors in use; 1 is one of them.',
  ),
  lines(
    'Memory',
    'bytes',
    { '{{instance}}': ours('process_resident_memory_bytes') },
    'Resident. A writer holds a unit for each of its threads.',
  ),
  lines(
    'Event loop',
    's',
    {
      '{{instance}}, one in a hundred': ours('nodejs_eventloop_lag_p99_seconds'),
      '{{instance}}, latest': ours('nodejs_eventloop_lag_max_seconds'),
    },
    'How late turns of the thread are that talks to Kafka, Redis and the store, since the scrape before. Beyond seconds leases and jobs are lost.',
  ),
  lines(
    'Heap',
    'bytes',
    { '{{instance}}': ours('nodejs_heap_size_used_bytes') },
    'Of the main thread; encoding threads have their own.',
  ),
]

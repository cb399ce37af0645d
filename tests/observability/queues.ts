import { largest, lines, stat, total, type DashboardPlan } from './panel.ts'

const jobs = (queue: string, state: string): string =>
  `max by (table) (silt_queue_jobs{table=~"$table",queue="${queue}",state="${state}"})`

/** The two queues of each table, as every process sees them. */
export const queues: DashboardPlan = {
  uid: 'silt-queues',
  title: 'Silt: queues',
  description: 'Write jobs and commit jobs: waiting, delayed, in hand.',
  rows: [
    {
      title: 'Now',
      panels: [
        stat(
          'Write jobs waiting',
          'none',
          jobs('write', 'waiting'),
          'Ready to be taken. Many for long: more writers help.',
          6,
        ),
        stat('Write jobs in hand', 'none', jobs('write', 'active'), 'With writers.', 6),
        stat(
          'Commit jobs waiting',
          'none',
          jobs('commit', 'waiting'),
          'None while a committer is active: it takes them at once.',
          6,
        ),
        stat(
          'Commit jobs in hand',
          'none',
          jobs('commit', 'active'),
          'With the active committer, held until they join up.',
          6,
        ),
      ],
    },
    {
      title: 'Over time',
      panels: [
        lines(
          'Write queue',
          'short',
          {
            waiting: jobs('write', 'waiting'),
            'put back': jobs('write', 'delayed'),
            'in hand': jobs('write', 'active'),
          },
          'Put back: failed, and waits its back-off.',
        ),
        lines(
          'Commit queue',
          'short',
          {
            waiting: jobs('commit', 'waiting'),
            'put back': jobs('commit', 'delayed'),
            'in hand': jobs('commit', 'active'),
          },
          'In hand: held by the active committer.',
        ),
        lines(
          'Units in flight',
          'short',
          { '{{table}}': total('silt_units_in_flight') },
          'Cut and not yet committed, over all ingestors.',
        ),
        lines(
          'Redis answers',
          'none',
          { '{{instance}}': 'max by (instance) (silt_ready{actor="queue"})' },
          '1 while this process reaches the queue server.',
        ),
        lines(
          'Errors of queues',
          'ops',
          {
            '{{actor}} {{code}}':
              'sum by (actor, code) (rate(silt_errors_total{table=~"$table",code=~"queue/.*"}[$__rate_interval])) or on () vector(0)',
          },
          'None for long.',
        ),
        lines(
          'Partitions owned',
          'none',
          { '{{instance}}': largest('silt_partitions_owned', 'instance') },
          'By ingestor. Together all partitions of the topic.',
        ),
      ],
    },
  ],
}

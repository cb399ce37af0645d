import { largest, lines, rate, stat, type DashboardPlan } from './panel.ts'

/** How the table grows, and what it holds of the store. */
export const table: DashboardPlan = {
  uid: 'silt-table',
  title: 'Silt: table growth and storage',
  description: 'Files and bytes as last counted, and what was added since; the log; requests to the store.',
  rows: [
    {
      title: 'Now',
      panels: [
        stat(
          'Live files',
          'short',
          largest('silt_table_files'),
          'Counted at the newest checkpoint, or when this committer became active.',
          6,
        ),
        stat('Live bytes', 'bytes', largest('silt_table_bytes'), 'Of the live data files.', 6),
        stat(
          'Removed, not freed',
          'bytes',
          largest('silt_table_removed_bytes'),
          'What the log lists as removed: vacuum may free it.',
          6,
        ),
        stat(
          'Versions since checkpoint',
          'short',
          'max by (table) (silt_table_version{table=~"$table"}) - max by (table) (silt_checkpoint_version{table=~"$table"})',
          'Up to delta.checkpointInterval (100) and what came while one is written.',
          6,
        ),
      ],
    },
    {
      title: 'Growth',
      panels: [
        lines(
          'Bytes of the table',
          'bytes',
          { 'live {{table}}': largest('silt_table_bytes'), 'removed {{table}}': largest('silt_table_removed_bytes') },
          'Steps: each is a count.',
        ),
        lines(
          'Files of the table',
          'short',
          { '{{table}}': largest('silt_table_files') },
          'Many small ones: compaction is due.',
        ),
        lines(
          'Bytes committed',
          'Bps',
          { '{{table}}': rate('silt_bytes_committed_total') },
          'Growth of live data, a second.',
        ),
        lines(
          'Files committed',
          'ops',
          { '{{table}}': rate('silt_files_committed_total') },
          'Files a second; 60 a minute while events trickle.',
        ),
        lines(
          'Mean size of a file',
          'bytes',
          {
            '{{table}}':
              '(sum by (table) (rate(silt_bytes_committed_total{table=~"$table"}[$__rate_interval])) / (sum by (table) (rate(silt_files_committed_total{table=~"$table"}[$__rate_interval])) > 0)) or on () vector(0)',
          },
          'Of those committed lately.',
        ),
        lines(
          'Bytes of an event',
          'bytes',
          {
            '{{table}}':
              '(sum by (table) (rate(silt_bytes_committed_total{table=~"$table"}[$__rate_interval])) / (sum by (table) (rate(silt_rows_committed_total{table=~"$table"}[$__rate_interval])) > 0)) or on () vector(0)',
          },
          'In the table; small files cost more.',
        ),
        lines(
          'Written, not committed',
          'Bps',
          {
            '{{table}}':
              'clamp_min(sum by (table) (rate(silt_file_bytes_written_total{table=~"$table"}[$__rate_interval])) - sum by (table) (rate(silt_bytes_committed_total{table=~"$table"}[$__rate_interval])), 0)',
          },
          'Files nobody refers to, left to vacuum: units written twice. Dead letters count as well.',
        ),
        lines(
          'The log',
          'none',
          {
            'version {{table}}': largest('silt_table_version'),
            'checkpoint {{table}}': largest('silt_checkpoint_version'),
          },
          'The checkpoint follows the version.',
        ),
        lines(
          'Requests to the store',
          'ops',
          { '{{operation}}': rate('silt_store_requests_total', 'operation') },
          'What a bill is made of: puts by writers and committer, gets by all.',
        ),
        lines(
          'Errors of the store',
          'ops',
          { '{{operation}} {{code}}': rate('silt_store_errors_total', 'operation', 'code') },
          'Single tries that failed.',
        ),
      ],
    },
  ],
}

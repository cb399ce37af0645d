import { lines, quantiles, rate, stat, total, type DashboardPlan } from './panel.ts'
import { processPanels } from './process-panels.ts'

/** What the writers do, and whether there are enough of them. */
export const writer: DashboardPlan = {
  uid: 'silt-writer',
  title: 'Silt: writers',
  description: 'Units taken, read, encoded and put; threads and memory.',
  rows: [
    {
      title: 'Work',
      panels: [
        stat('Writers', 'none', 'count by (table) (silt_writer_threads{table=~"$table"})', 'Processes that report.'),
        stat('Threads', 'none', total('silt_writer_threads'), 'Encoding threads of all writers.'),
        stat(
          'Threads busy',
          'none',
          total('silt_encode_threads_busy'),
          'That have a unit. All busy for long, with lag: more writers help.',
        ),
        stat('Units in hand', 'none', total('silt_units_running'), 'Write jobs taken and not yet handed on.'),
        lines('Events read', 'ops', { '{{table}}': rate('silt_events_read_total') }, 'Over all writers.'),
        lines(
          'Bytes',
          'Bps',
          { 'read {{table}}': rate('silt_bytes_read_total'), 'put {{table}}': rate('silt_file_bytes_written_total') },
          'Decoded bytes read, bytes of files put.',
        ),
        lines(
          'Units',
          'ops',
          {
            'written {{table}}': rate('silt_units_written_total'),
            'dropped: {{reason}}': rate('silt_units_dropped_total', 'reason'),
          },
          'Dropped as behind: another did it before. A code: the ingestor looks into it.',
        ),
        lines(
          'Time of a unit',
          's',
          quantiles('silt_unit_seconds'),
          'From taking a write job to handing it to the committer.',
        ),
        lines('Time to put a file', 's', quantiles('silt_put_seconds'), 'The store at work.'),
        lines(
          'Rows written and committed',
          'ops',
          {
            'written {{table}}': rate('silt_rows_written_total'),
            'committed {{table}}': rate('silt_rows_committed_total'),
          },
          'Written more than committed for long: units are written more than once.',
        ),
        lines(
          'Dead letters written',
          'ops',
          { '{{table}}': rate('silt_dead_letters_written_total') },
          'Committed or not.',
        ),
        lines(
          'Decoders that died',
          'none',
          {
            'died {{table}}': 'sum by (table) (increase(silt_decoder_deaths_total{table=~"$table"}[$__rate_interval]))',
            'records condemned {{table}}':
              'sum by (table) (increase(silt_records_condemned_total{table=~"$table"}[$__rate_interval]))',
            'offsets looked through {{table}}': total('silt_deadly_offsets'),
          },
          'Units are cut smaller until the record at fault is alone and a dead letter. SiltDecoderDying fires at the first death.',
        ),
        lines(
          'Threads busy over time',
          'none',
          { 'busy {{table}}': total('silt_encode_threads_busy'), 'threads {{table}}': total('silt_writer_threads') },
          'Busy against there.',
        ),
        lines(
          'Memory of the data plane',
          'bytes',
          { 'most of a thread {{table}}': 'max by (table) (silt_plane_touched_bytes{table=~"$table"})' },
          'Kept by one thread, of all writers. Beyond 96 MiB a thread lets go of it after its unit.',
        ),
        lines(
          'Threads replaced',
          'none',
          {
            '{{table}}':
              'sum by (table) (increase(silt_encode_threads_replaced_total{table=~"$table"}[$__rate_interval]))',
          },
          'Died, or let go of their memory because it had grown or the data plane trapped. Often: units of many days, or very large records.',
        ),
      ],
    },
    { title: 'Processes', panels: processPanels },
  ],
}

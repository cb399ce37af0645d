import { largest, lines, quantiles, rate, stat, total, type DashboardPlan } from './panel.ts'

/** Is it well? One page, for whoever is woken. */
export const overview: DashboardPlan = {
  uid: 'silt-overview',
  title: 'Silt: overview',
  description: 'Events in and out, freshness, lag, commits, files, errors, dead letters, what waits for an operator.',
  rows: [
    {
      title: 'Now',
      panels: [
        stat(
          'Oldest event not settled',
          's',
          'silt:backlog_seconds{table=~"$table"}',
          'Seconds are normal; SiltFreshness fires at five minutes.',
        ),
        stat(
          'Lag',
          'short',
          'silt:lag_offsets{table=~"$table"}',
          'Readable offsets not yet committed. Small and moving is normal.',
        ),
        stat(
          'Last version',
          's',
          'silt:commit_age_seconds{table=~"$table"}',
          'Since the last commit. Grows while nothing comes in; with lag it must not.',
        ),
        stat(
          'Active committers',
          'none',
          'silt:committers_active{table=~"$table"}',
          'One. None: nothing is committed. Two for a moment: the lease changes hands.',
        ),
        stat(
          'Partitions stopped',
          'none',
          'count by (table) (silt_partition_stopped{table=~"$table"} == 1) or on () vector(0)',
          'None. A stopped partition waits for an operator: silt partition status.',
        ),
        stat(
          'Parked or paused',
          'none',
          'max by (table) (silt_table_parked{table=~"$table"}) + 2 * max by (table) (silt_table_paused{table=~"$table"}) or on () vector(0)',
          '0 goes on, 1 parked or stopped, 2 paused by an operator, 3 both.',
        ),
      ],
    },
    {
      title: 'Flow',
      panels: [
        lines(
          'Events',
          'ops',
          {
            'readable {{table}}': rate('silt_offsets_readable_total'),
            'rows committed {{table}}': rate('silt_rows_committed_total'),
            'dead letters {{table}}': rate('silt_dead_letters_committed_total'),
          },
          'What comes in and what is settled run together; offsets of files are bytes.',
        ),
        lines(
          'Age of the oldest event not settled',
          's',
          { '{{table}} {{topic}}/{{partition}}': largest('silt_backlog_seconds', 'topic', 'partition') },
          'A saw-tooth of about a second. One line that climbs is one partition that stands.',
        ),
        lines(
          'Lag by partition',
          'short',
          { '{{table}} {{topic}}/{{partition}}': largest('silt_lag_offsets', 'topic', 'partition') },
          'Offsets readable and not committed.',
        ),
        lines(
          'From cut to commit',
          's',
          quantiles('silt_freshness_seconds'),
          'From cutting a unit to its durable commit.',
        ),
        lines(
          'Versions',
          'ops',
          { '{{table}}': rate('silt_commits_total') },
          'About one a second while events trickle, fewer in a flood.',
        ),
        lines(
          'Files and bytes',
          'Bps',
          {
            'bytes {{table}}': rate('silt_bytes_committed_total'),
            'files {{table}}': rate('silt_files_committed_total'),
          },
          'What is added to the table, a second.',
        ),
      ],
    },
    {
      title: 'Trouble',
      panels: [
        lines(
          'Errors',
          'ops',
          { '{{actor}} {{code}}': rate('silt_errors_total', 'actor', 'code') },
          'By actor and stable code; docs/logging.md says what each means. None for long.',
        ),
        lines(
          'Object store errors',
          'ops',
          { '{{operation}} {{code}}': rate('silt_store_errors_total', 'operation', 'code') },
          'Single tries that failed; most are tried again at once.',
        ),
        lines(
          'Share of dead letters',
          'percentunit',
          { '{{table}}': 'silt:dead_letter_share:rate10m{table=~"$table"} or on () vector(0)' },
          'Of the last ten minutes. SiltDeadLetters fires at one in a hundred.',
        ),
        lines(
          'Ready',
          'none',
          { '{{actor}} {{instance}}': 'max by (actor, instance) (silt_ready)' },
          '1 while ready; actor queue: Redis answers.',
        ),
        lines(
          'Behind open transactions',
          'short',
          { '{{table}} {{topic}}/{{partition}}': largest('silt_open_transaction_offsets', 'topic', 'partition') },
          'Written, not readable yet. SiltHangingTransaction fires when one stands for 15 minutes.',
        ),
        lines(
          'Place in what the source holds',
          'percentunit',
          { '{{topic}}/{{partition}}': 'silt:retained_share{table=~"$table"} or on () vector(0)' },
          '1 is the newest event, 0 the oldest still held: retention is about to pass.',
        ),
        lines(
          'Units in flight',
          'short',
          { '{{table}}': total('silt_units_in_flight') },
          'Cut and not yet committed, over all ingestors. At UNITS_IN_FLIGHT_MAX nothing more is cut.',
        ),
        lines(
          'Planned again',
          'ops',
          { '{{table}}': rate('silt_replans_total') },
          'Units issued again because their partition did not move. None while all is well.',
        ),
      ],
    },
  ],
}

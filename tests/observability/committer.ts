import { largest, lines, quantiles, rate, stat, total, type DashboardPlan } from './panel.ts'
import { processPanels } from './process-panels.ts'

/** The one that makes versions, and its standbys. */
export const committer: DashboardPlan = {
  uid: 'silt-committer',
  title: 'Silt: committers',
  description: 'Versions, what is held, what was dropped, checkpoints.',
  rows: [
    {
      title: 'Commits',
      panels: [
        stat('Version', 'none', largest('silt_table_version'), 'Newest version known.', 6),
        stat('Active', 'none', 'silt:committers_active{table=~"$table"}', 'One.', 6),
        stat('Units held', 'none', total('silt_commit_units_held'), 'Wait for a predecessor or a slot.', 6),
        stat('Last version', 's', 'silt:commit_age_seconds{table=~"$table"}', 'Since the last commit.', 6),
        lines(
          'Active by process',
          'none',
          { '{{instance}}': 'max by (instance) (silt_committer_active{table=~"$table"})' },
          'Who holds the lease; a change is a failover.',
        ),
        lines(
          'Versions',
          'ops',
          { '{{table}}': rate('silt_commits_total') },
          'About one a second at most, full units aside.',
        ),
        lines(
          'Time of a commit',
          's',
          quantiles('silt_commit_seconds'),
          'From building it to its outcome: one conditional PUT, one GET with read-back.',
        ),
        lines('From cut to commit', 's', quantiles('silt_freshness_seconds'), 'Of each unit.'),
        lines(
          'Units held',
          'short',
          { '{{table}}': total('silt_commit_units_held') },
          'Many for long: one before them is missing.',
        ),
        lines('Rows committed', 'ops', { '{{table}}': rate('silt_rows_committed_total') }, 'Over all committers.'),
        lines(
          'Lost and unknown',
          'ops',
          {
            'lost to another writer {{table}}': rate('silt_commit_conflicts_total'),
            'outcome read from the log {{table}}': rate('silt_commit_unknown_total'),
          },
          'Conflicts come with other engines or two committers; unknowns with a network that loses answers.',
        ),
        lines(
          'Commit jobs dropped',
          'ops',
          { '{{reason}}': rate('silt_commit_jobs_dropped_total', 'reason') },
          'Duplicates are normal after restarts; docs/logging.md names the other reasons.',
        ),
        lines(
          'Commits by other engines',
          'ops',
          { '{{kind}}': rate('silt_foreign_commits_total', 'kind') },
          'What others did to the table.',
        ),
        lines('Checkpoints', 's', quantiles('silt_checkpoint_seconds'), 'Time to write one, in a thread of its own.'),
      ],
    },
    { title: 'Processes', panels: processPanels },
  ],
}

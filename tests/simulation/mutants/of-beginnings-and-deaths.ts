import type { Mutant } from './mutant.ts'

const pauses = 'services/writer/src/crash-pauses.ts'
const deadly = 'services/writer/src/deadly-unit.ts'

/** On what tables and partitions begin, and what condemns a record that kills decoders. */
export const mutantsOfBeginningsAndDeaths: readonly Mutant[] = [
  {
    name: 'table-made-on-an-old-look',
    invariant: 'I8a',
    does: 'puts version 0 however long ago it saw that there was no table',
    elusive:
      'takes a committer that stands still before version 0 while another makes the table and its log is cleaned; schedules of an earlier set met it (I8a-unreadable), the present ones have not within 3000; services/committer/test/table-bootstrap holds it',
    patches: [
      {
        file: 'services/committer/src/table-bootstrap.ts',
        find: 'if (msSince(began, deps.clock, store) > baseProofMaxMs) continue',
        replace: 'if (msSince(began, deps.clock, store) > Infinity) continue',
      },
    ],
    breaks: ['I8a-unreadable'],
  },
  {
    name: 'start-of-another-log',
    invariant: 'I3a',
    does: 'takes the ends it was told for those of the topic id it had read before',
    elusive:
      'takes a topic made again between two questions; schedules of an earlier set met it (I3a-late), the present ones have not within 3000; services/ingestor/test/start-jobs holds it',
    patches: [
      {
        file: 'services/ingestor/src/start-jobs.ts',
        find: 'if (known === undefined || !isStillThere(topicPartition, now)) continue',
        replace: 'if (known === undefined || (isStillThere(topicPartition, now) && known === null)) continue',
      },
    ],
    breaks: ['I3a-late', 'I13-topic-id'],
  },
  {
    name: 'condemned-by-two-deaths',
    invariant: 'L1a',
    does: 'condemns a record after the second death in a row',
    patches: [{ file: deadly, find: 'const crashesToCondemn = 3', replace: 'const crashesToCondemn = 2' }],
    breaks: ['I2-misjudged'],
  },
  {
    name: 'condemned-without-pauses',
    invariant: 'L1a',
    does: 'tries a record again at once: memory that is short for a moment condemns it',
    elusive:
      'takes three deaths and three sound records one after the other in the same shortage; not met within 6000: the pauses are held by the writer’s own tests',
    patches: [{ file: pauses, find: 'return Math.round(maxMs *', replace: 'return Math.round(0 * maxMs *' }],
    breaks: ['I2-misjudged'],
  },
]

import type { CommitBounds, IngestBounds, RecordPlace } from './bounds.ts'

/** What a search searches. */
export type Configuration = ({ readonly kind: 'commit' } & CommitBounds) | ({ readonly kind: 'ingest' } & IngestBounds)

const usual: { readonly kind: 'commit' } & Omit<CommitBounds, 'name'> = {
  kind: 'commit',
  records: [2, 1],
  begun: true,
  shared: true,
  committers: 2,
  unclear: [],
  lateMax: 1,
  hoursMax: 0,
  foreignMax: 0,
  schemas: ['plain'],
  topicIds: ['a'],
  liveness: true,
}

const bothFirst: readonly RecordPlace[] = [
  [0, 0],
  [1, 0],
]

const oneIngestor: { readonly kind: 'ingest' } & Omit<IngestBounds, 'name'> = {
  kind: 'ingest',
  records: [2, 1],
  assignments: [[[0, 1]]],
  heldMax: 2,
  commitQueueMax: 2,
  shortReturns: false,
  hints: true,
  plansUnread: false,
}

const rebalances: IngestBounds['assignments'] = [
  [[0, 1], []],
  [[0], [1]],
  // A zombie: the old owner does not know yet.
  [
    [0, 1],
    [0, 1],
  ],
]

/** What CI searches: several small worlds, each with the faults that concern it. */
export const configurations: readonly Configuration[] = [
  { ...usual, name: 'two committers', lateMax: 2 },
  { ...usual, name: 'starts', records: [1, 1], begun: false },
  { ...usual, name: 'dead letters', records: [1, 1], unclear: bothFirst },
  { ...usual, name: 'dead letters, crossing units', shared: false, unclear: [[0, 0]] },
  { ...usual, name: 'hours', hoursMax: 1 },
  { ...usual, name: 'hours, dead letters', records: [2], hoursMax: 1, foreignMax: 1, unclear: [[0, 0]] },
  { ...usual, name: 'schemas', records: [1, 1], schemas: ['plain', 'number', 'text'] },
  // Units under the id of a topic that is gone may be missing for ever: there an operator has to decide.
  {
    ...usual,
    name: 'topic made again',
    records: [1, 1],
    begun: false,
    lateMax: 0,
    topicIds: ['a', 'b'],
    liveness: false,
  },
  { ...usual, name: 'one committer, another engine', committers: 1, foreignMax: 2 },
  { ...oneIngestor, name: 'ingest', records: [3, 2], plansUnread: true },
  { ...oneIngestor, name: 'ingest, every hint lost', hints: false },
  { ...oneIngestor, name: 'ingest, one job held', records: [4], assignments: [[[0]]], heldMax: 1 },
  { ...oneIngestor, name: 'ingest, short returns', shortReturns: true },
  { ...oneIngestor, name: 'ingest, rebalances', records: [1, 1], hints: false, assignments: rebalances },
  { ...oneIngestor, name: 'ingest, zombie', hints: false, assignments: [[[0], [0, 1]]] },
]

/** What `--large` adds: minutes, and gigabytes of memory. */
export const largeConfigurations: readonly Configuration[] = [
  { ...usual, name: 'large: two partitions of two', records: [2, 2], lateMax: 2 },
  { ...usual, name: 'large: two unclear records', unclear: bothFirst },
  { ...usual, name: 'large: starts', records: [2, 1], begun: false },
  { ...usual, name: 'large: schemas', shared: false, schemas: ['plain', 'number', 'text'] },
  { ...usual, name: 'large: topic made again', records: [1, 1], begun: false, topicIds: ['a', 'b'], liveness: false },
  { ...usual, name: 'large: hours, another engine', hoursMax: 1, foreignMax: 1, unclear: [[0, 0]] },
  { ...oneIngestor, name: 'large: ingest, short returns', records: [2, 2], shortReturns: true },
  {
    ...oneIngestor,
    name: 'large: ingest, zombie',
    records: [3],
    hints: false,
    assignments: [
      [[0], []],
      [[0], [0]],
    ],
  },
]

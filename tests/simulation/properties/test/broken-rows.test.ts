import { describe, expect, test } from 'vitest'
import { partitionAppId, unitTags, type CountedRange } from '@silt/contracts'
import { field, struct } from '@silt/core'
import { schemaToString } from '@silt/delta'
import { HistoryBuilder, key, topicId, type Draft } from './history-builder.ts'
import { namesOf } from './names-of.ts'

describe('I2', () => {
  test('lost: a range counts as gaps what was produced', () => {
    const { builder, draft } = oneUnit('rr')
    draft.units[0] = counted(draft, { read: 0, rows: 0, gaps: 2 })
    draft.adds = []
    draft.txns.set(partitionAppId('silt-gaps', key(0)), 2)
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I2-lost'])
  })

  test('lost: another engine rearranges rows and leaves one out', () => {
    const { builder, draft } = oneUnit('rr')
    const [add] = builder.land(draft).adds
    const optimize = builder.foreign('OPTIMIZE')
    optimize.others.push({ remove: { path: add!.path, dataChange: false } })
    optimize.adds.push({ ...builder.file('main', [row(0)]), dataChange: false })
    builder.land(optimize)
    expect(namesOf(builder)).toEqual(['I2-lost'])
  })

  test('twice: two files of one unit hold the same row', () => {
    const { builder, draft } = oneUnit('r')
    draft.units[0] = counted(draft, { read: 1, rows: 1 })
    draft.adds.push(builder.file('main', [row(0)], { tags: draft.adds[0]!.tags! }))
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I2-counts', 'I2-twice'])
  })

  test('twice: a row and a dead letter of the same record', () => {
    const { builder, draft } = oneUnit('rd')
    draft.deadLetters.push(builder.file('dead-letters', [row(0)], { tags: draft.adds[0]!.tags! }))
    builder.land(draft)
    expect(namesOf(builder)).toContain('I2-twice')
  })

  test('twice, though another engine removed the row once', () => {
    const { builder, draft } = oneUnit('r')
    const [add] = builder.land(draft).adds
    const erase = builder.foreign('DELETE')
    erase.others.push({ remove: { path: add!.path, dataChange: true } })
    builder.land(erase)
    expect(namesOf(builder)).toEqual([])
    const back = builder.foreign('WRITE', 'Append')
    back.adds.push(builder.file('main', [row(0)]), builder.file('main', [row(0)]))
    builder.land(back)
    expect(namesOf(builder)).toEqual(['I2-twice'])
  })

  test('not covered: a row that progress has not reached', () => {
    const { builder, draft } = oneUnit('rr')
    builder.land(draft)
    builder.produce(1, 'r')
    builder.land(builder.start(1))
    const early = builder.foreign('WRITE', 'Append')
    early.adds.push(builder.file('main', [{ partition: 1, offset: 0, sessionId: 'topic-1/1/0' }]))
    builder.land(early)
    expect(namesOf(builder)).toEqual(['I2-not-covered'])
  })

  test('never produced: another content', () => {
    const { builder, draft } = oneUnit('r')
    draft.adds = [builder.file('main', [{ ...row(0), sessionId: 'made up' }], { tags: draft.adds[0]!.tags! })]
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I2-never-produced'])
  })

  test('never produced: an offset of no record', () => {
    const { builder, draft } = oneUnit('r-')
    draft.adds = [builder.file('main', [row(0), row(1)], { tags: draft.adds[0]!.tags! })]
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I2-counts', 'I2-never-produced'])
  })

  test('aborted: a record of an aborted transaction becomes a row', () => {
    const { builder, draft } = oneUnit('ra')
    draft.units[0] = counted(draft, { read: 2, rows: 2, gaps: 0 })
    draft.adds = [builder.file('main', [row(0), row(1)], { tags: unitTags(draft.units[0]) })]
    draft.txns.delete(partitionAppId('silt-gaps', key(0)))
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I2-aborted'])
  })

  test('misjudged: a sound record is a dead letter, a broken one a row', () => {
    for (const [shape, asWhat] of [
      ['d', 'row'],
      ['r', 'dead letter'],
    ] as const) {
      const builder = begun(shape)
      // The unit counts what it made of the record.
      const log = builder.logs[0]!
      const fated = asWhat === 'row' ? 'r' : 'd'
      builder.logs[0] = {
        ...log,
        records: [{ offset: 0, fate: 'readable', sessionId: fated === 'r' ? 's' : undefined }],
      }
      const draft = builder.unit([{ partition: 0, start: 0, endExclusive: 1 }])
      builder.logs[0] = log
      builder.land(draft)
      expect(namesOf(builder)).toEqual(['I2-misjudged'])
    }
  })

  test.each<[string, (builder: HistoryBuilder, draft: Draft) => void]>([
    [
      'the record counts more rows than its files hold',
      (_, draft) => (draft.units[0] = counted(draft, { read: 2, rows: 2, gaps: 0 })),
    ],
    ['the tags of a file say something else', (_, draft) => retag(draft, { read: 2, rows: 2, gaps: 0 })],
    [
      'numRecords is not what the file holds',
      (_, draft) => (draft.adds[0] = { ...draft.adds[0]!, stats: '{"numRecords":7}' }),
    ],
    ['gaps are not counted', (_, draft) => draft.txns.delete(partitionAppId('silt-gaps', key(0)))],
    ['accepted offsets nobody accepted', (_, draft) => draft.txns.set(partitionAppId('silt-accepted', key(0)), 1)],
  ])('counts: %s', (_, spoil) => {
    const { builder, draft } = oneUnit('r-')
    spoil(builder, draft)
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I2-counts'])
  })

  test('accepted, readable: an operator gives up what the source still has', () => {
    const builder = begun('rr')
    const gap = builder.decision({ kind: 'accept-gap', ...key(0), from: 0, to: 2, by: 'operator' })
    gap.txns.set(partitionAppId('silt', key(0)), 2).set(partitionAppId('silt-accepted', key(0)), 2)
    builder.land(gap)
    expect(namesOf(builder)).toEqual(['I2-accepted-readable'])
  })
})

describe('I4', () => {
  test('a file without its txn', () => {
    const { builder, draft } = oneUnit('r')
    draft.txns.clear()
    builder.land(draft)
    expect(namesOf(builder)).toContain('I4-add-without-txn')
  })

  test('a file of a unit that is not in the commit', () => {
    const { builder, draft } = oneUnit('r')
    draft.units = []
    builder.land(draft)
    expect(namesOf(builder)).toContain('I4-add-without-txn')
  })

  test('a row outside its unit', () => {
    const { builder, draft } = oneUnit('rr', 1)
    draft.adds = [builder.file('main', [row(0), row(1)], { tags: draft.adds[0]!.tags! })]
    builder.land(draft)
    expect(namesOf(builder)).toContain('I4-add-without-txn')
  })

  test('a txn without its file', () => {
    const { builder, draft } = oneUnit('r')
    draft.adds = []
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I2-counts', 'I2-lost', 'I4-txn-without-add'])
  })

  test('a txn without its dead-letter file', () => {
    const { builder, draft } = oneUnit('d')
    draft.deadLetters = []
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I2-counts', 'I2-lost', 'I4-txn-without-add', 'I5-pointer'])
  })
})

describe('I9', () => {
  test('narrowed: the schema loses a column', () => {
    const { builder, draft } = oneUnit('r')
    const narrow = struct([field('_offset', 'long'), field('session_id', 'string')])
    draft.others.push(builder.metadata({ schemaString: schemaToString(narrow) }))
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I9-narrowed', 'I9-schema-mismatch'])
  })

  test('schema mismatch: a file brings a column the table lacks', () => {
    const { builder, draft } = oneUnit('r')
    const tags = draft.adds[0]!.tags!
    const schema = struct([
      ...['_topic_id', 'session_id', 'unknown'].map((name) => field(name, 'string')),
      field('_partition', 'integer'),
      field('_offset', 'long'),
    ])
    draft.adds = [builder.file('main', [row(0)], { tags, schema })]
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I9-schema-mismatch'])
  })
})

describe('I13', () => {
  test('a recreated topic: its records stand under the old id', () => {
    const { builder, draft } = oneUnit('r')
    builder.produce(0, 'r', { topicId: 'topic-2' })
    draft.adds = [builder.file('main', [{ ...row(0), sessionId: 'topic-2/0/0' }], { tags: draft.adds[0]!.tags! })]
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I13-topic-id', 'I2-never-produced'])
  })

  test('a row says another topic id than its unit', () => {
    const { builder, draft } = oneUnit('r')
    draft.adds = [builder.file('main', [{ ...row(0), topicId: 'topic-2' }], { tags: draft.adds[0]!.tags! })]
    builder.land(draft)
    expect(namesOf(builder)).toContain('I13-topic-id')
  })

  test('a partition begins under a second topic id, and nobody decided it', () => {
    const builder = begun('r')
    const draft = builder.draft('main')
    builder.begin(draft, key(0, 0, 'topic-2'), 0)
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I13-topic-id'])
  })
})

/** Partition 0 produced and begun. */
function begun(shape: string): HistoryBuilder {
  const builder = new HistoryBuilder()
  builder.produce(0, shape)
  builder.land(builder.start(0))
  return builder
}

/** A sound unit from the partition's first offset, not yet landed. */
function oneUnit(shape: string, endExclusive = shape.length): { builder: HistoryBuilder; draft: Draft } {
  const builder = begun(shape)
  return { builder, draft: builder.unit([{ partition: 0, start: 0, endExclusive }]) }
}

function row(offset: number): { partition: number; offset: number; sessionId: string } {
  return { partition: 0, offset, sessionId: `${topicId}/0/${offset}` }
}

/** The draft's only unit, its only range counted otherwise. */
function counted(draft: Draft, changes: Partial<CountedRange>): Draft['units'][number] {
  const unit = draft.units[0]!
  return { ...unit, ranges: [{ ...unit.ranges[0]!, ...changes }] }
}

function retag(draft: Draft, changes: Partial<CountedRange>): void {
  draft.adds[0] = { ...draft.adds[0]!, tags: unitTags(counted(draft, changes)) }
}

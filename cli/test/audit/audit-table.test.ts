import {
  deadLetterAppliedAppId,
  deadLetterPointerAppId,
  encodeCommitRecord,
  eventTableSchema,
  partitionAppId,
  unitTags,
  type CommitRecord,
  type CountedRange,
} from '@silt/contracts'
import { systemClock, systemRandom, struct, field, type AddFile } from '@silt/core'
import { commitEntry, commitInfo, commitKey, newTableActions, type Action } from '@silt/delta'
import { MemoryStore } from '@silt/object-store'
import { ArrowParquetWriter, HyparquetReader } from '@silt/parquet'
import { beforeEach, describe, expect, test } from 'vitest'
import { auditTable, type AuditReport } from '../../src/audit/audit-table.ts'

const topic = 'events'
const topicId = 'id-1'
const key = { topic, topicId, partition: 0, restart: 0 }
const provenance = struct([
  field('_topic', 'string'),
  field('_topic_id', 'string'),
  field('_partition', 'integer'),
  field('_offset', 'long'),
])

let store: MemoryStore
let version: number

/** A table with one partition: a start at 0, then units of ten rows. */
beforeEach(async () => {
  store = new MemoryStore({ clock: systemClock })
  version = 0
  await commit(
    newTableActions({ id: 'table', schema: eventTableSchema, partitionColumns: [], configuration: {}, createdMs: 1 }),
  )
  await commit([txn('silt', 0), txn('silt-first', 0)], { units: [] })
})

describe('the audit', () => {
  test('proves units that follow each other', async () => {
    await unit(0, 10)
    await unit(10, 20, [12, 13])
    expect(await audit()).toMatchObject({ verdict: 'proved', rows: 18, faults: [] })
  })

  test('proves what is left after the oldest commits were cleaned away', async () => {
    await unit(0, 10)
    await unit(10, 20)
    const report = await audit({ hide: [0, 1] })
    expect(report).toMatchObject({ verdict: 'proved' })
  })

  test('cannot tell who took rows whose commits were cleaned away, and still knows a unit of the log that lacks some', async () => {
    const taken = await unit(0, 10)
    await commit([{ remove: { path: taken.path, deletionTimestamp: 1, dataChange: true } }])
    await unit(10, 20)
    expect(await audit()).toMatchObject({ verdict: 'removed-by-others' })
    const cleaned = await audit({ hide: [0, 1, 2, 3] })
    expect(cleaned).toMatchObject({ verdict: 'unverifiable', partitions: [{ unaccounted: 10 }] })
    const lost = await unit(20, 30)
    await store.put(lost.path, fileBody([20, 21]))
    expect(await audit({ hide: [0, 1, 2, 3] })).toMatchObject({ verdict: 'failed' })
  })

  test('is not fooled by a commit that moves txn and counts gaps for it', async () => {
    await unit(0, 10)
    await commit([txn('silt', 50), txn('silt-gaps', 40)])
    const report = await audit()
    expect(report.verdict).toBe('failed')
    expect(report.partitions[0]?.because).toContain('txn is 50, the commits end at 10')
  })

  test('is not fooled by offsets given up without a decision on record', async () => {
    await unit(0, 10)
    await commit([txn('silt', 50), txn('silt-accepted', 40)])
    expect((await audit()).verdict).toBe('failed')
  })

  test('does not call a table proved whose progress is gone', async () => {
    const add = await file([0, 1, 2], [{ ...counted(0, 3), partition: 7 }])
    await commit([{ add }])
    const report = await audit()
    expect(report.verdict).toBe('failed')
    expect(report.faults).toEqual(['units of events/7 were committed, and its progress is gone from the table'])
  })

  test('fails on a copy of a file under another name, and on a removal that says it changes no data', async () => {
    const add = await unit(0, 10)
    await store.put('copy.parquet', ((await store.get(add.path)) as { body: Uint8Array }).body)
    await commit([{ add: { ...add, path: 'copy.parquet' } }])
    expect(await audit()).toMatchObject({ verdict: 'failed', partitions: [{ duplicates: 10 }] })
    const remove = { deletionTimestamp: 1, dataChange: false }
    await commit([{ remove: { ...remove, path: 'copy.parquet' } }, { remove: { ...remove, path: add.path } }])
    expect(await audit()).toMatchObject({ verdict: 'failed', partitions: [{ unaccounted: 10 }] })
  })

  test('excuses by the removals of another engine only what they removed', async () => {
    const [first, second] = [await unit(0, 10), await unit(10, 20)]
    await commit([{ remove: { path: first.path, deletionTimestamp: 1, dataChange: true } }])
    expect(await audit()).toMatchObject({ verdict: 'removed-by-others' })
    // Its rows are gone, and no removal says so.
    await store.put(second.path, fileBody([]))
    expect(await audit()).toMatchObject({ verdict: 'failed' })
  })

  test('excuses what a removal of a rewritten file may have taken', async () => {
    const [first, second] = [await unit(0, 10), await unit(10, 20)]
    const whole = { ...first, path: 'rewritten.parquet', dataChange: false }
    await store.put(whole.path, fileBody(Array.from({ length: 20 }, (_, offset) => offset)))
    const { tags: _, ...add } = whole
    await commit([
      ...[first, second].map(({ path }) => ({ remove: { path, deletionTimestamp: 1, dataChange: false } })),
      { add },
    ])
    expect(await audit()).toMatchObject({ verdict: 'proved' })
    await commit([{ remove: { path: whole.path, deletionTimestamp: 2, dataChange: true } }])
    expect(await audit()).toMatchObject({ verdict: 'removed-by-others' })
  })

  test('proves a partition begun again whose files another engine has made one of', async () => {
    const range = { ...counted(0, 6), restart: 1 }
    const again = { ...key, restart: 1 }
    const [old, fresh] = [await unit(0, 10), await file([0, 1, 2, 3, 4, 5], [range])]
    const at = (counter: 'silt' | 'silt-first', value: number): Action => ({
      txn: { appId: partitionAppId(counter, again), version: value },
    })
    const restart = { kind: 'restart', ...again, at: 0, by: 'me' } as const
    await commit([at('silt', 0), at('silt-first', 0)], { units: [], decisions: [restart] })
    const unitId = 'f'.repeat(16)
    await commit([at('silt', 6), { add: fresh }], { units: [{ unitId, topic, topicId, ranges: [range] }] })
    expect(await audit()).toMatchObject({ verdict: 'proved' })
    const rewrite = async (offsets: readonly number[], paths: readonly string[]): Promise<AddFile> => {
      const add = { ...(await file(offsets)), dataChange: false }
      const removes = paths.map((path): Action => ({ remove: { path, deletionTimestamp: 1, dataChange: false } }))
      await commit([...removes, { add }])
      return add
    }
    const ten = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    const first = await rewrite(ten, [old.path])
    expect(await audit()).toMatchObject({ verdict: 'proved', rows: 16 })
    const both = await rewrite([...ten, 0, 1, 2, 3, 4, 5], [first.path, fresh.path])
    expect(await audit()).toMatchObject({ verdict: 'proved', partitions: [{ rows: 10 }, { rows: 6 }] })
    const short = await rewrite([...ten, 0, 1, 2, 3, 4], [both.path])
    expect(await audit()).toMatchObject({ verdict: 'failed' })
    await rewrite([...ten, 0, 1, 2, 3, 4, 5, 5], [short.path])
    expect(await audit()).toMatchObject({ verdict: 'failed' })
  })

  test('dead letters that another engine took away are not failed, they are removed by others', async () => {
    const range = { ...counted(0, 10), rows: 4, deadLetters: 6 }
    const rows = await file([0, 1, 2, 3], [range])
    const dead = await file([4, 5, 6, 7, 8, 9], [range])
    const units = [{ unitId: unitIdOf(range), topic, topicId, ranges: [range] }]
    const recordedIn = version
    const pointer = { txn: { appId: deadLetterPointerAppId, version: recordedIn } }
    await commit([txn('silt', 10), pointer, { add: rows }], { units, deadLetters: [dead] })
    const deadLetters = await deadLetterTable([{ add: dead }, { txn: { appId: appliedAppId, version: recordedIn } }])
    expect(await audit({ deadLetters })).toMatchObject({ verdict: 'proved', deadLetters: 6 })
    const remove = { path: dead.path, deletionTimestamp: 1, dataChange: true }
    const restored = await deadLetterTable(
      [{ add: dead }, { txn: { appId: appliedAppId, version: recordedIn } }],
      [{ remove }],
    )
    const report = await audit({ deadLetters: restored })
    expect(report).toMatchObject({
      verdict: 'removed-by-others',
      foreignCommits: [{ table: 'dead-letters', version: 2 }],
    })
    expect(report.partitions[0]?.because.join()).toContain('WRITE in version 2 of the dead-letter table')
    const lost = await deadLetterTable([{ txn: { appId: appliedAppId, version: recordedIn } }])
    expect(await audit({ deadLetters: lost })).toMatchObject({ verdict: 'failed' })
  })

  test('dead letters taken away in commits that only their own log has lost are not failed, rows that lack beside them are', async () => {
    const units: { readonly rows: AddFile; readonly add: AddFile; readonly applied: Action }[] = []
    for (const start of [0, 10]) {
      const range = { ...counted(start, start + 10), rows: 4, deadLetters: 6 }
      const rows = await file(
        [0, 1, 2, 3].map((each) => start + each),
        [range],
      )
      const add = await file(
        [4, 5, 6, 7, 8, 9].map((each) => start + each),
        [range],
      )
      units.push({ rows, add, applied: { txn: { appId: appliedAppId, version } } })
      const pointer = { txn: { appId: deadLetterPointerAppId, version } }
      const record = { units: [{ unitId: unitIdOf(range), topic, topicId, ranges: [range] }], deadLetters: [add] }
      await commit([txn('silt', start + 10), pointer, { add: rows }], record)
    }
    const [first, second] = [units[0]!, units[1]!]
    const remove: Action = { remove: { path: first.add.path, deletionTimestamp: 1, dataChange: true } }
    const taken = [[{ add: first.add }, first.applied], [remove], [{ add: second.add }, second.applied]]
    expect(await audit({ deadLetters: await deadLetterTable(...taken) })).toMatchObject({
      verdict: 'removed-by-others',
    })
    const hideDeadLetters = [0, 1, 2]
    expect(await audit({ deadLetters: await deadLetterTable(...taken), hideDeadLetters })).toMatchObject({
      verdict: 'unverifiable',
      partitions: [{ unaccounted: 6 }],
    })
    const neverThere = await deadLetterTable([{ add: first.add }, first.applied], [], [second.applied])
    expect(await audit({ deadLetters: neverThere, hideDeadLetters })).toMatchObject({ verdict: 'failed' })
    await store.put(first.rows.path, fileBody([0, 1]))
    expect(await audit({ deadLetters: await deadLetterTable(...taken), hideDeadLetters })).toMatchObject({
      verdict: 'failed',
    })
  })

  test('does not take a row without an offset for offset 0', async () => {
    await unit(0, 10, [0])
    const add = await file([null])
    await commit([{ add }])
    expect(await audit()).toMatchObject({ verdict: 'proved', rows: 9, foreignRows: 1 })
  })

  test('does not count rows that another engine deleted by a vector', async () => {
    const rows = await unit(0, 30)
    // Rows 3, 4, 7, 11, 18 and 29, inline.
    const deletionVector = {
      storageType: 'i',
      pathOrInlineDv: '^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L',
      sizeInBytes: 44,
      cardinality: 6,
    }
    await commit([
      { remove: { path: rows.path, dataChange: true, deletionTimestamp: 1 } },
      { add: { ...rows, deletionVector } },
    ])
    expect(await audit()).toMatchObject({ verdict: 'removed-by-others', rows: 24, partitions: [{ unaccounted: 6 }] })
  })
})

async function audit(
  options: {
    readonly hide?: readonly number[]
    readonly deadLetters?: MemoryStore
    readonly hideDeadLetters?: readonly number[]
  } = {},
): Promise<AuditReport> {
  const hidden = new Set(options.hide?.map(commitKey))
  const hiddenDeadLetters = new Set(options.hideDeadLetters?.map(commitKey))
  const unread = new Set(hiddenDeadLetters)
  const reading = new Proxy(store, {
    get(target, name) {
      if (name === 'get')
        return (path: string) => (hidden.has(path) && replayed ? { kind: 'missing' } : target.get(path))
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  // The snapshot itself is read whole: only the evidence of old commits is gone.
  let replayed = false
  const deadLetterStore = options.deadLetters ?? new MemoryStore({ clock: systemClock })
  const list = deadLetterStore.list.bind(deadLetterStore)
  deadLetterStore.list = (...given) => {
    replayed = true
    return list(...given)
  }
  const get = deadLetterStore.get.bind(deadLetterStore)
  // Found once, by the snapshot.
  deadLetterStore.get = (path, range) =>
    hiddenDeadLetters.has(path) && !unread.delete(path) ? Promise.resolve({ kind: 'missing' }) : get(path, range)
  return auditTable({
    store: reading,
    deadLetterStore,
    reader: new HyparquetReader(),
    clock: systemClock,
    onProgress: () => undefined,
  })
}

const appliedAppId = deadLetterAppliedAppId('table')

/** A dead-letter table of these commits; its files are those of the main table's store. */
async function deadLetterTable(...commits: readonly (readonly Action[])[]): Promise<MemoryStore> {
  const target = new MemoryStore({ clock: systemClock })
  for await (const { key: path } of store.list('part-')) {
    const found = await store.get(path)
    if (found.kind === 'found') await target.put(path, found.body)
  }
  const create = newTableActions({
    id: 'dead',
    schema: provenance,
    partitionColumns: [],
    configuration: {},
    createdMs: 1,
  })
  for (const [at, actions] of [create, ...commits].entries()) {
    const token = systemRandom.uuid()
    const info = commitInfo({ timestampMs: 1, operation: 'WRITE', engineInfo: 'test', token })
    await commitEntry(target, { version: at, actions: [info, ...actions], token, readBack: false })
  }
  return target
}

async function unit(start: number, endExclusive: number, gaps: readonly number[] = []): Promise<AddFile> {
  const offsets = Array.from({ length: endExclusive - start }, (_, index) => start + index)
  const range = counted(start, endExclusive, gaps.length)
  const add = await file(
    offsets.filter((offset) => !gaps.includes(offset)),
    [range],
  )
  gapsSoFar = start === 0 ? gaps.length : gapsSoFar + gaps.length
  const units = [{ unitId: unitIdOf(range), topic, topicId, ranges: [range] }]
  await commit([txn('silt', endExclusive), ...(gapsSoFar > 0 ? [txn('silt-gaps', gapsSoFar)] : []), { add }], { units })
  return add
}

let gapsSoFar = 0

function counted(start: number, endExclusive: number, gaps = 0): CountedRange {
  const read = endExclusive - start - gaps
  return { partition: 0, restart: 0, start, endExclusive, read, rows: read, deadLetters: 0, gaps }
}

function unitIdOf(range: CountedRange): string {
  return String(range.start).padStart(16, '0')
}

async function file(offsets: readonly (number | null)[], ranges?: readonly CountedRange[]): Promise<AddFile> {
  const body = fileBody(offsets, ranges?.[0]?.partition)
  const path = `part-${systemRandom.uuid()}.parquet`
  await store.put(path, body)
  const first = ranges?.[0]
  const tags =
    first === undefined ? {} : { tags: unitTags({ unitId: unitIdOf(first), topic, topicId, ranges: ranges ?? [] }) }
  return { path, partitionValues: {}, size: body.byteLength, modificationTime: 1, dataChange: true, ...tags }
}

function fileBody(offsets: readonly (number | null)[], partition = 0): Uint8Array {
  const rows = offsets.map((offset) => ({
    _topic: topic,
    _topic_id: topicId,
    _partition: partition,
    _offset: offset === null ? null : BigInt(offset),
  }))
  return new ArrowParquetWriter().encodeRows(provenance, rows)
}

function txn(counter: Parameters<typeof partitionAppId>[0], value: number): Action {
  return { txn: { appId: partitionAppId(counter, key), version: value } }
}

async function commit(actions: readonly Action[], record?: Partial<CommitRecord>): Promise<void> {
  const token = systemRandom.uuid()
  const silt = record && { silt: encodeCommitRecord({ v: 1, units: [], deadLetters: [], decisions: [], ...record }) }
  const info = commitInfo({ timestampMs: 1, operation: 'WRITE', engineInfo: 'test', token, ...silt })
  const outcome = await commitEntry(store, { version: version++, actions: [info, ...actions], token, readBack: false })
  expect(outcome.kind).toBe('committed')
}

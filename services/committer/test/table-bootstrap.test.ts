import { eventTableSchema } from '@silt/contracts'
import { field, seededRandom, struct, type ObjectStore } from '@silt/core'
import { ManualClock } from '@silt/core/testing'
import { commitEntry, commitInfo, newTableActions } from '@silt/delta'
import { MemoryStore } from '@silt/object-store'
import { FaultyStore } from '@silt/object-store/testing'
import { describe, expect, it } from 'vitest'
import { defaultTuning } from '../src/committer-options.ts'
import { ensureTables, type BootstrapDeps } from '../src/table-bootstrap.ts'
import { startJob, unitJob } from './support/jobs.ts'
import { logOf, newWorld, noParquet, openCommitter } from './support/world.ts'

const deps = (): BootstrapDeps & { clock: ManualClock } => {
  const clock = new ManualClock()
  return {
    store: new MemoryStore({ clock, location: 'main' }),
    deadLetterStore: new MemoryStore({ clock, location: 'dead' }),
    parquetReader: noParquet,
    clock,
    random: seededRandom(3),
  }
}
const plain = { partitionColumns: [], readBack: false, baseProofMaxMs: defaultTuning.baseProofMaxMs }

describe('tables', () => {
  it('are made where they are missing, and left alone where they are not', async () => {
    const world = deps()
    const made = await ensureTables(world, plain)
    expect(made.main.state.schema).toEqual(eventTableSchema)
    expect(made.main.state.metadata.configuration).toEqual({ 'delta.checkpointInterval': '100', 'silt.format': '1' })
    expect(made.main.state.protocol).toEqual({ minReaderVersion: 1, minWriterVersion: 2 })
    expect(made.deadLetters.state.schema.fields.map((each) => each.name)).toContain('reason')
    expect(await ensureTables(world, plain)).toEqual(made)
    expect(await logOf(world.store)).toHaveLength(1)
  })

  it('made by racing creators are one, however the answers get lost', async () => {
    const world = deps()
    const lossy = (store: MemoryStore): FaultyStore =>
      new FaultyStore(store, {
        clock: world.clock,
        plan: (call) =>
          call.operation === 'putIfAbsent' && call.index % 2 === 0 ? { kind: 'answer-lost' } : undefined,
      })
    const creators = [1, 2, 3].map((seed) =>
      ensureTables(
        { ...world, store: lossy(world.store as MemoryStore), random: seededRandom(seed) },
        { ...plain, readBack: true },
      ),
    )
    const ids = (await Promise.all(creators)).map((each) =>
      [each.main.state.metadata.id, each.deadLetters.state.metadata.id].join(),
    )
    expect(new Set(ids).size).toBe(1)
  })

  it.each(['steady', 'wall', 'store'] as const)(
    'are not made by one that stood still since it found none, by the %s clock alone: version 0 may have come and been cleaned away',
    async (moved) => {
      const world = deps()
      const time = { steady: 0, wall: 0, store: 0 }
      const storeClock = { ...world.clock, nowMs: () => time.store }
      const clock = { nowMs: () => time.wall, monotonicMs: () => time.steady, sleep: () => Promise.resolve() }
      const calls: string[] = []
      const sleepy = (name: string, inner: ObjectStore): ObjectStore =>
        new FaultyStore(inner, {
          clock,
          plan: ({ operation }) => {
            if (operation === 'list' && !calls.includes(`${name} list`)) time[moved] += plain.baseProofMaxMs + 1
            if (operation !== 'get') calls.push(`${name} ${operation}`)
            return undefined
          },
        })
      const [store, deadLetterStore] = [
        sleepy('main', new MemoryStore({ clock: storeClock })),
        sleepy('dead', new MemoryStore({ clock: storeClock })),
      ]
      await ensureTables({ ...world, store, deadLetterStore, clock }, plain)
      // Looked at before anything; then each looked at until that was lately enough, put, and read.
      const made = (name: string): string[] => [`${name} list`, `${name} putIfAbsent`, `${name} list`]
      // By the store's clock a look is as old as the answer before it.
      const again = moved === 'store' ? ['main list'] : []
      expect(calls).toEqual(['main list', 'dead list', ...made('dead'), ...again, ...made('main')])
    },
  )

  it('may be partitioned by event_date; a setting that differs from the table is refused', async () => {
    const world = deps()
    const { main } = await ensureTables(world, { ...plain, partitionColumns: ['event_date'] })
    expect(main.state.schema.fields.at(-1)).toMatchObject({ name: 'event_date', type: 'date' })
    expect(main.state.metadata.partitionColumns).toEqual(['event_date'])
    await expect(ensureTables(world, plain)).rejects.toMatchObject({
      code: 'table/partitioning-differs',
      kind: 'invalid',
    })
  })

  it('that Silt did not make are refused, naming the command and every column that differs', async () => {
    const world = deps()
    const schema = struct([field('timestamp', 'string'), ...eventTableSchema.fields.slice(1, -1)])
    const actions = newTableActions({ id: 'theirs', schema, partitionColumns: [], configuration: {}, createdMs: 0 })
    const info = commitInfo({ timestampMs: 0, operation: 'CREATE TABLE', engineInfo: 'x', token: 't' })
    await commitEntry(world.store, { version: 0, actions: [info, ...actions], token: 't', readBack: false })
    const refusal = ensureTables(world, plain)
    await expect(refusal).rejects.toMatchObject({ code: 'table/not-adopted', kind: 'invalid' })
    await expect(refusal).rejects.toThrow(
      /silt table adopt --start-from.*timestamp: is string, not timestamp; _rescued: missing/,
    )
    expect(await logOf(world.deadLetterStore)).toEqual([])
  })

  it('a dead-letter table that vanished with its letters is not replaced by an empty one', async () => {
    const world = await newWorld()
    const committer = await openCommitter(world)
    void committer.submit(startJob(world.tableId, 0))
    await world.clock.advance(10)
    void committer.submit(unitJob(world.tableId, [[0, 0, 5]], { full: true, deadLetters: 1 }))
    await world.clock.advance(10)
    expect(committer.ends).toEqual(['committed', 'committed'])
    const gone = new MemoryStore({ clock: world.clock, location: 'dead' })
    const again = { ...deps(), store: world.main, deadLetterStore: gone }
    await expect(ensureTables(again, plain)).rejects.toMatchObject({ code: 'table/dead-letters-missing', kind: 'data' })
    expect(await logOf(gone)).toEqual([])
  })
})

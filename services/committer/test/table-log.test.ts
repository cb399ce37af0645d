import type { Clock } from '@silt/core'
import { commitInfo, commitKey } from '@silt/delta'
import { MemoryStore } from '@silt/object-store'
import { FaultyStore } from '@silt/object-store/testing'
import { expect, it } from 'vitest'
import { defaultTuning } from '../src/committer-options.ts'
import { ensureTables } from '../src/table-bootstrap.ts'
import { TableLog } from '../src/table-log.ts'
import { newWorld, noParquet, reading } from './support/world.ts'

it.each(['steady', 'wall'] as const)(
  'a process that stood still since it prepared sends nothing, by the %s clock alone',
  async (moved) => {
    const world = await newWorld()
    const time = { steady: 0, wall: 0 }
    const clock = { nowMs: () => time.wall, monotonicMs: () => time.steady, sleep: () => Promise.resolve() }
    const options = { readBack: false, baseProofMaxMs: defaultTuning.baseProofMaxMs }
    const deps = { store: world.main, parquetReader: noParquet, clock }
    const log = TableLog.open(deps, options, await reading(deps))
    const commit = (): ReturnType<TableLog['commit']> =>
      log.commit([commitInfo({ timestampMs: 0, operation: 'WRITE', engineInfo: 'silt', token: 't' })], 't')
    await log.prepare()
    time[moved] += defaultTuning.baseProofMaxMs + 1
    expect(await commit()).toEqual({ kind: 'unproved' })
    expect(await world.main.get(commitKey(1))).toEqual({ kind: 'missing' })
    await log.prepare()
    expect(await commit()).toEqual({ kind: 'committed' })
  },
)

it('a machine that was halted for hours and noticed nothing learns it from the next answer, before it commits', async () => {
  const world = await newWorld()
  const { time, clockOf } = twoClocks()
  const store = new MemoryStore({ clock: clockOf('store') })
  const options = { readBack: false, baseProofMaxMs: defaultTuning.baseProofMaxMs }
  const deps = {
    store,
    deadLetterStore: world.deadLetters,
    parquetReader: noParquet,
    clock: clockOf('here'),
    random: world.random,
  }
  await ensureTables(deps, { ...options, partitionColumns: [] })
  const log = TableLog.open(deps, options, await reading(deps))
  const commit = (): ReturnType<TableLog['commit']> =>
    log.commit([commitInfo({ timestampMs: 0, operation: 'WRITE', engineInfo: 'silt', token: 't' })], 't')
  await log.look()
  time.store += 7_200_000
  // Versions 1 and on have come and gone meanwhile: by the next name alone there is nothing new.
  store.removeAsAnother(commitKey(0))
  await expect(log.look()).rejects.toMatchObject({ code: 'committer/table-gone' })
  expect(await commit()).toEqual({ kind: 'unproved' })
})

it.each([
  ['does not count where the version before it was cleaned away meanwhile', true, 'unknown'],
  ['counts where the version before it is still there', false, 'committed'],
])('a commit whose answer tells that it came hours late %s', async (_, isCleaned, expected) => {
  const world = await newWorld()
  const { time, clockOf } = twoClocks()
  const memory = new MemoryStore({ clock: clockOf('store') })
  const store = new FaultyStore(memory, {
    clock: clockOf('here'),
    plan: ({ operation, key }) => {
      // Halted on its way, both clocks of the machine with it.
      if (operation === 'putIfAbsent' && key === commitKey(1)) {
        time.store += 7_200_000
        if (isCleaned) memory.removeAsAnother(commitKey(0))
      }
      return undefined
    },
  })
  const options = { readBack: false, baseProofMaxMs: defaultTuning.baseProofMaxMs }
  const { random, deadLetters: deadLetterStore } = world
  const deps = { store, deadLetterStore, parquetReader: noParquet, clock: clockOf('here'), random }
  await ensureTables(deps, { ...options, partitionColumns: [] })
  const log = TableLog.open(deps, options, await reading(deps))
  await log.look()
  const outcome = await log.commit(
    [commitInfo({ timestampMs: 0, operation: 'WRITE', engineInfo: 'silt', token: 't' })],
    't',
  )
  expect(outcome.kind).toBe(expected)
})

/** Two clocks that stand until told: this machine's and the store's. */
function twoClocks(): { time: { here: number; store: number }; clockOf: (name: 'here' | 'store') => Clock } {
  const time = { here: 0, store: 0 }
  const clockOf = (name: keyof typeof time): Clock => ({
    nowMs: () => time[name],
    monotonicMs: () => time[name],
    sleep: () => Promise.resolve(),
  })
  return { time, clockOf }
}

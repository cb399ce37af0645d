import { expect, test } from 'vitest'
import {
  addColumn,
  append,
  cleanLog,
  deleteRows,
  dropFeature,
  optimize,
  overwrite,
  restoreTo,
  setProperty,
  upgradeProtocol,
  vacuum,
  type EngineOutcome,
} from './index.ts'
import { newTableWorld, type TableWorld } from './table-world.ts'

const runs = 12
const actionsMax = 12

type Act = (world: TableWorld) => Promise<EngineOutcome>

/** What leaves every row of Silt's in the table. */
const harmless: readonly Act[] = [
  ({ engine }) => append(engine, { rows: 2 }),
  ({ engine }) => optimize(engine, { tags: 'merged' }),
  ({ engine }) => optimize(engine, { tags: 'kept' }),
  ({ engine, random }) => addColumn(engine, { name: random.next() < 0.5 ? 'score' : 'extra', type: 'double' }),
  ({ engine }) => setProperty(engine, 'delta.deletedFileRetentionDuration', 'interval 300 seconds'),
  ({ engine }) => vacuum(engine),
  ({ engine }) => cleanLog(engine, { olderThanMs: 90_000 }),
  ({ engine }) => upgradeProtocol(engine, 'someday'),
  ({ engine }) => dropFeature(engine, 'someday'),
]
const harmful: readonly Act[] = [
  ({ engine }) => overwrite(engine),
  ({ engine, random }) => deleteRows(engine, random.next() < 0.5 ? 'whole' : 'part'),
  ({ engine, random }) => restoreTo(engine, Math.floor(random.next() * 8)),
]

/** Events settle between what the engine does, and time passes; the table is sound after each. Answers how the actions ended. */
async function anyOrder(world: TableWorld, acts: readonly Act[]): Promise<readonly string[]> {
  const kinds: string[] = []
  for (let action = 0; action < actionsMax; action++) {
    await world.table.settle(action % 2, 1 + Math.floor(world.random.next() * 4))
    await world.clock.advance(Math.floor(world.random.next() * 120_000))
    const outcome = await acts[Math.floor(world.random.next() * acts.length)]?.(world)
    kinds.push(outcome?.kind ?? 'none')
    expect(await world.findings()).toEqual([])
  }
  return kinds
}

test('in any order an engine leaves a sound table, proved while it took no rows', async () => {
  for (let seed = 1; seed <= runs; seed++) {
    const world = await newTableWorld(seed)
    const kinds = await anyOrder(world, harmless)
    expect([seed, await world.verdict()]).toEqual([seed, 'proved'])
    expect(kinds).toContain('done')
    expect(kinds).not.toContain('failed')
  }
})

test('what it took is reported as taken by others while the log is whole, never as lost', async () => {
  const verdicts = new Set<string>()
  for (let seed = 1; seed <= runs; seed++) {
    const world = await newTableWorld(seed)
    await anyOrder(world, [...harmless.slice(0, 5), ...harmful])
    const verdict = await world.verdict()
    verdicts.add(verdict)
    expect(`${seed}: ${verdict}`).toMatch(/: (proved|removed-by-others)$/)
  }
  expect(verdicts).toContain('removed-by-others')
})

import { commitInfo, commitKey } from '@silt/delta'
import { expect, it } from 'vitest'
import { defaultTuning } from '../src/committer-options.ts'
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

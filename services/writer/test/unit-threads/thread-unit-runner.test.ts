import { afterEach, describe, expect, test } from 'vitest'
import { UnitTrail } from '../../src/unit-trail.ts'
import { ThreadUnitRunner } from '../../src/unit-threads/thread-unit-runner.ts'
import { deadly } from '../support/deadly-encoder.ts'
import type { TopicScript } from '../support/scripted-source.ts'
import { clicks, orderOf, type Range } from '../support/unit-runner-contract.ts'

const runners: ThreadUnitRunner[] = []
afterEach(async () => {
  await Promise.all(runners.splice(0).map((each) => each.close()))
})

const never = new AbortController().signal
const died = { kind: 'unavailable', code: 'encoder/died' }
const crashed = { kind: 'data', code: 'encoder/crashed' }

function runnerOf(
  script: TopicScript,
  more: Partial<ConstructorParameters<typeof ThreadUnitRunner>[0]> = {},
): ThreadUnitRunner {
  const module = new URL('../support/scripted-unit-thread.ts', import.meta.url)
  const runner = new ThreadUnitRunner({ threads: 1, module, workerData: script, ...more })
  runners.push(runner)
  return runner
}

function run(runner: ThreadUnitRunner, range: Range): ReturnType<ThreadUnitRunner['run']> {
  return runner.run(orderOf(range), new UnitTrail(), never)
}

/** Resolves once the unit waits for its source, having given some slabs. */
async function stuck(runner: ThreadUnitRunner): Promise<{ readonly unit: ReturnType<ThreadUnitRunner['run']> }> {
  const given = Promise.withResolvers<void>()
  const unit = runner.run(orderOf([0, 0, 30]), { onSlab: () => given.resolve() }, never)
  unit.catch(() => undefined)
  await given.promise
  return { unit }
}

describe('ThreadUnitRunner', () => {
  test('of a thread that dies, the unit at work has crashed, the others only died', async () => {
    const runner = runnerOf({ values: [clicks(30), [deadly.push]], stuckAt: [0, 12] })
    const { unit: bystander } = await stuck(runner)
    await expect(run(runner, [1, 0, 1])).rejects.toMatchObject(crashed)
    await expect(bystander).rejects.toMatchObject(died)
    expect((await run(runner, [0, 0, 5])).unit.counts).toMatchObject([{ rows: 5 }])
  })

  test('files nobody reads any more go back to the thread, whatever has become of it', async () => {
    const runner = runnerOf({ values: [clicks(30)] })
    const [first, second] = [await run(runner, [0, 0, 5]), await run(runner, [0, 5, 9])]
    const bytesOf = ({ unit }: typeof first): number => unit.files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
    expect([bytesOf(first) > 0, bytesOf(second) > 0]).toEqual([true, true])
    first.release?.()
    first.release?.()
    expect([bytesOf(first), bytesOf(second) > 0]).toEqual([0, true])
    await runner.close()
    second.release?.()
  })

  test('a unit that fails as only a bug lets it is taken for a death of its thread', async () => {
    const runner = runnerOf({ values: [clicks(30)], stuckAt: [0, 12] })
    const { unit: bystander } = await stuck(runner)
    const order = orderOf([0, 0, 5])
    const nonsense = { ...order, job: { ...order.job, ranges: null as never } }
    await expect(runner.run(nonsense, new UnitTrail(), never)).rejects.toMatchObject(crashed)
    await expect(bystander).rejects.toMatchObject(died)
    expect((await run(runner, [0, 0, 5])).unit.counts).toMatchObject([{ rows: 5 }])
  })

  test('a thread beyond its heap leaves the process alive', async () => {
    const runner = runnerOf({ values: [[deadly.push]], dies: 'of memory' }, { heapMiBMax: 64 })
    await expect(run(runner, [0, 0, 1])).rejects.toMatchObject(crashed)
  })

  test.each([undefined, 64])('a thread of a heap of %s MiB looks for garbage soon', async (heapMiBMax) => {
    const touched: number[] = []
    const watch = { onTouched: (bytes: number) => touched.push(bytes) }
    await run(
      runnerOf({ values: [clicks(30)] }, { watch, ...(heapMiBMax === undefined ? {} : { heapMiBMax }) }),
      [0, 0, 5],
    )
    expect(Math.max(...touched)).toBe(8 * 2 ** 20)
  })

  test('tells how many threads are busy; a unit goes to the least busy', async () => {
    const busy: number[] = []
    const runner = runnerOf(
      { values: [clicks(30)], stuckAt: [0, 12] },
      { threads: 2, watch: { onBusy: (n) => busy.push(n) } },
    )
    await stuck(runner)
    await run(runner, [0, 0, 5])
    await stuck(runner)
    expect(busy).toEqual([1, 2, 1, 2])
  })

  test('closed, ends what runs and takes nothing more', async () => {
    const runner = runnerOf({ values: [clicks(30)], stuckAt: [0, 12] })
    const { unit } = await stuck(runner)
    await runner.close()
    await expect(unit).rejects.toMatchObject(died)
    await expect(run(runner, [0, 0, 5])).rejects.toMatchObject(died)
  })

  test('a thread that never comes up is nothing a record is condemned for', async () => {
    const runner = runnerOf({ values: [] }, { module: new URL('../support/no-such-module.ts', import.meta.url) })
    await expect(run(runner, [0, 0, 5])).rejects.toMatchObject(died)
  })
})

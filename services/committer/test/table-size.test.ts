import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, systemRandom } from '@silt/core'
import { ManualClock, noMetrics, silentLog } from '@silt/core/testing'
import type { FileCounts } from '@silt/delta'
import { openStore } from '@silt/object-store'
import { HyparquetReader } from '@silt/parquet'
import { expect, it } from 'vitest'
import { defaultTuning } from '../src/committer-options.ts'
import { ensureTables } from '../src/table-bootstrap.ts'
import { TableSizeWatch } from '../src/table-size.ts'
import { workerCheckpointer } from '../src/worker-checkpointer.ts'

function watch(clock: ManualClock, measure: () => Promise<FileCounts>) {
  const shown: [string, number][] = []
  const metrics = { ...noMetrics, gauge: (name: string, _: object, value: number) => void shown.push([name, value]) }
  return { shown, size: new TableSizeWatch({ measure, clock, log: silentLog, metrics, label: 't' }) }
}

it('counts soon after the start, then seldom, sooner after a checkpoint, and not where nothing is new', async () => {
  const clock = new ManualClock()
  let counts = 0
  const { shown, size } = watch(clock, () => {
    counts++
    return Promise.resolve({ version: counts * 10, files: counts, bytes: 100, removedBytes: 5 })
  })
  size.look(7)
  await clock.advance(20_000)
  size.look(7)
  await clock.advance(1)
  expect(counts).toBe(1)
  expect(shown).toEqual([
    ['silt_table_files', 1],
    ['silt_table_bytes', 100],
    ['silt_table_removed_bytes', 5],
  ])
  await clock.advance(60_000)
  size.look(12)
  size.checkpointWritten()
  size.look(10)
  expect(counts).toBe(1)
  size.look(12)
  await clock.advance(1)
  expect(counts).toBe(2)
})

it('goes on after a count that failed, and never counts twice at once', async () => {
  const clock = new ManualClock()
  const fails: ((error: Error) => void)[] = []
  const { shown, size } = watch(clock, () => new Promise((_, reject) => fails.push(reject)))
  await clock.advance(20_000)
  size.look(1)
  size.look(2)
  expect(fails).toHaveLength(1)
  fails[0]?.(new Error('away'))
  await clock.advance(600_000)
  size.look(2)
  expect([fails.length, shown]).toEqual([2, []])
})

it('counts a real table in a worker thread', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'silt-size-'))
  try {
    const locations = { main: join(folder, 'main'), 'dead-letters': join(folder, 'dead') }
    const s3 = { region: 'us-east-1', allowHttp: false }
    const services = { clock: systemClock, random: systemRandom }
    const store = openStore(locations.main, s3, services)
    const deadLetterStore = openStore(locations['dead-letters'], s3, services)
    await ensureTables(
      { store, deadLetterStore, parquetReader: new HyparquetReader(), ...services },
      { partitionColumns: [], readBack: false, baseProofMaxMs: defaultTuning.baseProofMaxMs },
    )
    const checkpointer = workerCheckpointer({ locations, s3 })
    expect(await checkpointer.measure()).toEqual({ version: 0, files: 0, bytes: 0, removedBytes: 0 })
    await checkpointer.close()
  } finally {
    await rm(folder, { recursive: true })
  }
})

/**
 * CPU per event of a unit from slabs in memory to files: `node test/unit/bench.ts [events] [rounds]`. Both encoders in turn in one process; medians.
 * The exact one is what the writer's InlineEncoder does.
 */
import type { RecordSlab } from '@silt/core'
import { ArrowParquetWriter, deltaStats } from '@silt/parquet'
import { createRowDecoder } from '@silt/rows'
import { PlaneEncoder } from '../../src/unit/plane-encoder.ts'
import { Engine } from '../../src/wasm/engine.ts'
import { eventSpec } from '../scan/slab.ts'
import { benchEvents } from './bench-events.ts'
import { planeSlabOf, slabOfRecords } from './records.ts'

const slabRecords = 400
const eventCount = Number(process.argv[2] ?? 50_000)
const rounds = Number(process.argv[3] ?? 9)
const engine = new Engine()

/** Keys in one order or in another in each event; of how many records one is left to the exact path. */
const kinds = [
  { name: 'keys in one order', isShuffled: false, refusedOf: Infinity },
  { name: 'keys shuffled', isShuffled: true, refusedOf: Infinity },
  { name: 'one in a hundred refused', isShuffled: false, refusedOf: 100 },
  { name: 'all refused', isShuffled: false, refusedOf: 1 },
]

for (const { name: kind, isShuffled, refusedOf } of kinds) {
  const values = benchEvents(eventCount, isShuffled)
  const strange = Buffer.from(',"_own":1}')
  const records = values.map((value, index) => ({
    value: (index + 1) % refusedOf === 0 ? Buffer.concat([value.subarray(0, -1), strange]) : value,
  }))
  const slabs: RecordSlab[] = []
  for (let first = 0; first < eventCount; first += slabRecords)
    slabs.push(slabOfRecords(0, first, records.slice(first, first + slabRecords)))
  const inPlane = slabs.map((slab) => planeSlabOf(engine, slab))
  const ranges = [{ partition: 0, start: 0, endExclusive: eventCount }]
  const jsonBytes = values.reduce((sum, value) => sum + value.length, 0) / eventCount

  const plane = async (from: readonly RecordSlab[]) => {
    const session = await new PlaneEncoder({ engine }).open(eventSpec)
    for (const slab of from) await session.push(slab)
    const { files } = await session.finish(ranges)
    return files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
  }
  const exact = async () => {
    const decoder = createRowDecoder(eventSpec)
    for (const slab of slabs) decoder.push(slab)
    const writer = new ArrowParquetWriter()
    const parts = decoder.finish(ranges).parts.map(({ batch }) => [writer.encode(batch), deltaStats(batch)] as const)
    return parts.reduce((sum, [bytes]) => sum + bytes.byteLength, 0)
  }
  const runs = {
    'plane, slabs in its memory': () => plane(inPlane.map(({ slab }) => slab)),
    'plane, slabs copied': () => plane(slabs),
    exact,
  }
  const micros = new Map<string, number[]>()
  const sizes = new Map<string, number>()
  for (let round = 0; round <= rounds; round++)
    for (const [name, run] of Object.entries(runs)) {
      const before = process.cpuUsage()
      sizes.set(name, (await run()) / eventCount)
      const { user, system } = process.cpuUsage(before)
      if (round > 0) micros.set(name, [...(micros.get(name) ?? []), (user + system) / eventCount])
    }
  for (const [name, each] of micros) {
    const sorted = each.sort((left, right) => left - right)
    const [low, median, high] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)].map((value) => value?.toFixed(2))
    console.log(
      `${eventCount} events of ${jsonBytes.toFixed(0)} B, ${kind}: ${name}: ${median} us/event (${low} to ${high}), ${sizes.get(name)?.toFixed(1)} B/event`,
    )
  }
  for (const { end } of inPlane) end()
}
console.log(`plane memory touched: ${(engine.touchedBytes / 2 ** 20).toFixed(1)} MiB`)

import { constants, zstdCompressSync } from 'node:zlib'
import { parquetMetadata, readOffsetIndex } from 'hyparquet'
import { systemClock, systemRandom, type EncodeSpec } from '@silt/core'
import { PlaneEncoder } from '@silt/dataplane'
import type { CollectorOf, Landing } from '@silt/source'
import { openThreadSource } from '@silt/cli/thread-source'
import { slabOfRecords } from '../../shared/dataplane/test/unit/records.ts'
import { cpuMicros } from '../measure/cpu.ts'
import type { Contender } from '../measure/in-turns.ts'
import type { EventUnit } from './event-units.ts'
import { jobsOf, sourcePlan, type StageTopic } from './kafka-stage.ts'

const answerBytesMax = 32 * 1024 * 1024
const zstdLevel = 1
/** Of a record batch, between its checksum and what that is of. */
const checksumBytes = 4

/** What no writer can do without, each alone: how much could still be gained. */
export async function floorStages(
  target: StageTopic,
  units: readonly EventUnit[],
  spec: EncodeSpec,
): Promise<Contender[]> {
  return [await fetchAlone(target, units), copyAlone(units), await zstdAlone(units, spec)]
}

/** The broker's answers into memory: no checksum, nothing decompressed, no record looked at. */
async function fetchAlone(target: StageTopic, units: readonly EventUnit[]): Promise<Contender> {
  const eventCount = units.at(-1)?.endExclusive ?? 0
  const jobs = await jobsOf(target, eventCount, eventCount)
  const half = answerBytesMax / 2
  const memory = Buffer.alloc(answerBytesMax)
  let at = 0
  const landing: Landing = () => ({
    // A reader holds two answers.
    take: (sizeBytes) => memory.subarray((at = half - at), at + Math.min(sizeBytes, half)),
    release: () => undefined,
  })
  const clients = { clock: systemClock, random: systemRandom }
  const sample = async (): Promise<Taken> => {
    const security = (): Promise<never> => Promise.reject(new Error('the broker asks for no security'))
    const startMicros = cpuMicros()
    const source = openThreadSource(
      sourcePlan(target),
      { landing, collectorOf: blindCollector },
      { security, ...clients },
    )
    for (const { topic, topicId, cutAtMs, ranges } of jobs)
      for (const range of ranges) {
        const request = { topic, topicId, cutAtMs, ...range }
        for await (const slab of source.read(request, new AbortController().signal))
          if (slab.count > 0) throw new Error('nothing is read')
      }
    await source.close()
    return taken(startMicros)
  }
  return { name: 'fetch alone', sample }
}

type Taken = ReturnType<typeof taken>

function taken(startMicros: number): { readonly cpuMicros: number; readonly rows: number; readonly fileBytes: number } {
  return { cpuMicros: cpuMicros() - startMicros, rows: 0, fileBytes: 0 }
}

/** Takes every batch unseen, its checksum for granted. */
const blindCollector: CollectorOf = (partition) => {
  const batches = { count: 0, sizeBytes: 0 }
  return {
    get count() {
      return batches.count
    },
    get sizeBytes() {
      return batches.sizeBytes
    },
    crc32c: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset - checksumBytes, checksumBytes).readUInt32BE(),
    add: ({ bytes }) => {
      batches.count++
      batches.sizeBytes += bytes.length
      return true
    },
    take: (start, nextOffset) => {
      batches.count = batches.sizeBytes = 0
      return { ...slabOfRecords(partition, start, []), nextOffset }
    },
    close: () => undefined,
  }
}

/** The events' bytes from one place in memory to another, once. */
function copyAlone(units: readonly EventUnit[]): Contender {
  const target = Buffer.alloc(
    Math.max(...units.map(({ slabs }) => slabs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))),
  )
  const sample = (): Promise<Taken> => {
    const startMicros = cpuMicros()
    for (const { slabs } of units) {
      let at = 0
      for (const { bytes } of slabs) {
        target.set(bytes, at)
        at += bytes.length
      }
    }
    return Promise.resolve(taken(startMicros))
  }
  return { name: 'copy alone', sample }
}

/** The pages of the same files, as they are before they are compressed. */
async function zstdAlone(units: readonly EventUnit[], spec: EncodeSpec): Promise<Contender> {
  const encoder = new PlaneEncoder({ settings: { codec: 'none' } })
  const pages: Uint8Array[] = []
  for (const { slabs, start, endExclusive } of units) {
    const session = await encoder.open(spec)
    for (const slab of slabs) await session.push(slab)
    const { files } = await session.finish([{ partition: 0, start, endExclusive }])
    pages.push(...files.flatMap(({ bytes }) => pagesOf(bytes)))
  }
  const params = { [constants.ZSTD_c_compressionLevel]: zstdLevel }
  const sample = (): Promise<Taken> => {
    const startMicros = cpuMicros()
    for (const page of pages) zstdCompressSync(page, { params, chunkSize: Math.max(64, page.length) })
    return Promise.resolve(taken(startMicros))
  }
  return { name: 'zstd alone', sample }
}

/** Dictionaries and data pages of a file that compresses nothing, their small headers included. */
function pagesOf(file: Uint8Array): Uint8Array[] {
  const whole = new Uint8Array(file).buffer
  return parquetMetadata(whole).row_groups.flatMap(({ columns }) =>
    columns.flatMap(({ meta_data: data, offset_index_offset: at, offset_index_length: length }) => {
      if (data === undefined || at === undefined || length === undefined) throw new Error('the file has no page index')
      const { page_locations: locations } = readOffsetIndex({
        view: new DataView(whole, Number(at), length),
        offset: 0,
      })
      const dictionaryAt = Number(data.dictionary_page_offset ?? data.data_page_offset)
      const firstPageAt = Number(locations[0]?.offset ?? dictionaryAt)
      const dictionary = firstPageAt > dictionaryAt ? [file.subarray(dictionaryAt, firstPageAt)] : []
      const pages = locations.map((page) =>
        file.subarray(Number(page.offset), Number(page.offset) + page.compressed_page_size),
      )
      return [...dictionary, ...pages]
    }),
  )
}

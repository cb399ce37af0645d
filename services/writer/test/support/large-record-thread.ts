import { parentPort, workerData } from 'node:worker_threads'
import { assert, systemClock, type ReadRequest, type RecordSlab, type Source } from '@silt/core'
import { PlanePlace } from '../../src/unit-threads/plane-place.ts'
import { serveUnitsOn } from '../../src/unit-threads/serve-units.ts'
import type { largeRecordTopic } from './large-record-topic.ts'

const slabRecords = 400

/** A thread that runs units of events made up as they are read. */
const { largeBytes, largePartition, touchedBytesMax } = workerData as typeof largeRecordTopic
const port = parentPort
assert(port !== null, 'it runs as a worker thread')
serveUnitsOn(
  port,
  () =>
    new PlanePlace({
      openSource: () => ({ read, close: () => Promise.resolve() }) as unknown as Source,
      clock: systemClock,
      recordBytesMax: largeBytes * 2,
      touchedBytesMax,
    }),
)

async function* read({ partition, start, endExclusive }: ReadRequest): AsyncGenerator<RecordSlab> {
  for (let from = start; from < endExclusive; from += slabRecords) {
    // Let the thread's other unit have its turn.
    await new Promise((resolve) => setImmediate(resolve))
    yield slabOf(partition, from, Math.min(from + slabRecords, endExclusive))
  }
}

function slabOf(partition: number, start: number, nextOffset: number): RecordSlab {
  const count = nextOffset - start
  const values = Array.from({ length: count }, (_, index) => valueAt(partition, start + index))
  let at = 0
  const ends = Int32Array.from(values, (value) => (at += value.byteLength))
  const none = new Int32Array(count).fill(-1)
  return {
    ...{ partition, start, nextOffset, count, sizeBytes: at, bytes: new Uint8Array(Buffer.concat(values)) },
    offsets: Float64Array.from(values, (_, index) => start + index),
    timestampsMs: new Float64Array(count).fill(1_700_000_000_000),
    valueStarts: ends.map((end, index) => end - values[index]!.byteLength),
    valueEnds: ends,
    ...{ keyStarts: none, keyEnds: none, headerStarts: none, headerEnds: none, oversized: new Map() },
  }
}

function valueAt(partition: number, offset: number): Buffer {
  if (partition === largePartition && offset === 0)
    return Buffer.concat([Buffer.from('{"interaction_text":"'), Buffer.alloc(largeBytes, 'words '), Buffer.from('"}')])
  const metadata = { seq: offset, note: 'a note '.repeat(40), of: `${offset % 97} of ${offset % 31}` }
  return Buffer.from(
    JSON.stringify({ user_id: `user-${offset % 5000}`, session_id: `session-${offset >> 4}`, metadata }),
  )
}

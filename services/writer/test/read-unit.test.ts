import { jobVersion, type WriteJob } from '@silt/contracts'
import { SiltError, type ReadRequest, type RecordSlab } from '@silt/core'
import { describe, expect, test } from 'vitest'
import { readUnit } from '../src/read-unit.ts'
import { slabOf } from './support/slabs.ts'

const memory = new Uint8Array(1 << 20)
const never = new AbortController().signal

/** The slab as if its reader had put it into memory with much more in it. */
function within(slab: RecordSlab): RecordSlab {
  return { ...slab, bytes: memory }
}

async function* slabs({ partition, start, endExclusive }: ReadRequest): AsyncGenerator<RecordSlab> {
  for (let at = start; at < endExclusive; at++) yield within(slabOf(partition, at, ['x'.repeat(100)]))
}

const job: WriteJob = {
  v: jobVersion,
  ...{ unitId: '0123456789abcdef', tableId: 'table', topic: 'events', topicId: 'id', cutAtMs: 0, full: true },
  ranges: [{ partition: 0, start: 0, endExclusive: 10, restart: 0 }],
}

describe('slabs within a larger memory', () => {
  test('count with what they take of it', async () => {
    const session = { push: () => Promise.resolve('more' as const) }
    const source = { read: slabs }
    const reading = await readUnit({ source, session, unitBytesMax: 450 }, job, never)
    expect(reading).toMatchObject({ bytes: 400, ranges: [{ endExclusive: 4 }] })
  })
})

describe('a unit that is ended', () => {
  test('ends with the reason, also one that a source could give for being away: nothing of it is to be encoded', async () => {
    const reason = new SiltError('unavailable', 'encoder/died', 'the unit was aborted')
    const abort = new AbortController()
    const pushed: number[] = []
    const session = {
      push: ({ start }: RecordSlab) => {
        abort.abort(reason)
        return Promise.resolve(pushed.push(start) > 0 ? ('more' as const) : ('full' as const))
      },
    }
    async function* read(request: ReadRequest, signal: AbortSignal): AsyncGenerator<RecordSlab> {
      for await (const slab of slabs(request)) {
        signal.throwIfAborted()
        yield slab
      }
    }
    const reading = readUnit({ source: { read }, session, unitBytesMax: 1e6 }, job, abort.signal)
    await expect(reading).rejects.toBe(reason)
    expect(pushed).toEqual([0])
  })
})

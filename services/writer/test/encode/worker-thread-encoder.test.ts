import type { EncodedUnit, UnitEncoder } from '@silt/core'
import { afterEach, describe, expect, test } from 'vitest'
import { InlineEncoder } from '../../src/encode/inline-encoder.ts'
import { transferableSlab } from '../../src/encode/encode-messages.ts'
import { WorkerThreadEncoder } from '../../src/encode/worker-thread-encoder.ts'
import { poisons } from '../support/poison.ts'
import { readEncoded } from '../support/read-encoded.ts'
import { encodeSpec, slabOf } from '../support/slabs.ts'

const encoders: UnitEncoder[] = []
afterEach(async () => {
  await Promise.all(encoders.splice(0).map((each) => each.close()))
})

function pool(
  threads: number,
  more: Partial<ConstructorParameters<typeof WorkerThreadEncoder>[0]> = {},
): WorkerThreadEncoder {
  const encoder = new WorkerThreadEncoder({ threads, ...more })
  encoders.push(encoder)
  return encoder
}

async function encodeTwenty(encoder: UnitEncoder, slabs = 4): Promise<EncodedUnit> {
  const session = await encoder.open(encodeSpec)
  for (let k = 0; k < slabs; k++)
    await session.push(
      slabOf(0, k * 5, ['{"user_id":"a"}', '{"user_id":1}', '{', '{"new_field":true}', '{"interaction_value":2.5}']),
    )
  return session.finish([{ partition: 0, start: 0, endExclusive: slabs * 5 }])
}

describe('WorkerThreadEncoder', () => {
  test('gives what the inline encoder gives, in files of its own', async () => {
    const [inThread, inline] = await Promise.all([encodeTwenty(pool(1)), encodeTwenty(new InlineEncoder())])
    expect(await readEncoded(inThread)).toEqual(await readEncoded(inline))
    expect(inThread.counts).toMatchObject([{ read: 20, rows: 16, deadLetters: 4, gaps: 0 }])
    expect(inThread.schema.fields.at(-1)?.name).toBe('new_field')
    expect(inThread.deadLetterFiles).toHaveLength(1)
  })

  test('closed while an answer is on its way: the caller hears that the thread died, the answer is dropped', async () => {
    const encoder = pool(1)
    await encoder.open(encodeSpec)
    const told = expect(encoder.open(encodeSpec)).rejects.toMatchObject({ code: 'encoder/died' })
    for (let k = 0; k < 10; k++) await Promise.resolve()
    // The thread answers while this one looks away.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    await encoder.close()
    await told
  })

  test('keeps sessions on one thread apart', async () => {
    const encoder = pool(1)
    const units = await Promise.all([1, 2, 3].map((slabs) => encodeTwenty(encoder, slabs)))
    expect(units.map((unit) => unit.counts[0]?.read)).toEqual([5, 10, 15])
  })

  test('says that the unit is full, some slabs late, and cuts it there', async () => {
    const session = await pool(1, { limits: { decodedBytesMax: 3000 } }).open(encodeSpec)
    let start = 0
    let room: 'more' | 'full' = 'more'
    for (; room === 'more'; start += 2) {
      expect(start).toBeLessThan(1000)
      room = await session.push(slabOf(0, start, ['{}', '{}']))
      await new Promise((resolve) => setImmediate(resolve))
    }
    const unit = await session.finish([
      { partition: 0, start: 0, endExclusive: start },
      { partition: 1, start: 7, endExclusive: 9 },
    ])
    expect(unit.counts).toMatchObject([
      { partition: 0, start: 0, endExclusive: 5, rows: 5 },
      { partition: 1, start: 7, endExclusive: 7, rows: 0 },
    ])
  })

  test('a decoder error fails its session only, with its code', async () => {
    const encoder = pool(1)
    const wrong = { ...encodeSpec, partitionColumns: ['channel'] }
    await expect(encoder.open(wrong)).rejects.toMatchObject({ code: 'rows/partition-columns', kind: 'unsupported' })
    expect((await encodeTwenty(encoder)).counts[0]?.read).toBe(20)
  })

  test('a thread that dies fails the session it was at work for with encoder/crashed, the others with encoder/died, at once, and is replaced', async () => {
    const encoder = pool(1, { module: new URL('../support/mortal-worker.ts', import.meta.url), slabsInFlightMax: 2 })
    const [victim, bystander] = [await encoder.open(encodeSpec), await encoder.open(encodeSpec)]
    await victim.push(slabOf(0, 0, ['{}']))
    const dying = async (): Promise<void> => {
      for (let k = 0; k < 10; k++) await victim.push(slabOf(13, k, ['{}']))
    }
    await expect(dying()).rejects.toMatchObject({ code: 'encoder/crashed', kind: 'data' })
    await expect(victim.finish([])).rejects.toMatchObject({ code: 'encoder/crashed' })
    await expect(bystander.finish([])).rejects.toMatchObject({ code: 'encoder/died', kind: 'unavailable' })
    victim.abandon()
    bystander.abandon()
    expect((await encodeTwenty(encoder, 1)).counts[0]?.read).toBe(5)
  })

  test.each(['exit', 'trap', 'memory'] as const)('a thread that %s ends leaves the process alive', async (how) => {
    const module = new URL('../support/poisoned-worker.ts', import.meta.url)
    const encoder = pool(1, { module, heapMiBMax: 64 })
    const session = await encoder.open(encodeSpec)
    await session.push(slabOf(0, 0, ['{}', poisons[how]]))
    const ended = session.finish([{ partition: 0, start: 0, endExclusive: 2 }])
    await expect(ended).rejects.toMatchObject({ code: 'encoder/crashed', kind: 'data' })
    session.abandon()
    expect((await encodeTwenty(encoder, 1)).counts[0]?.read).toBe(5)
  })

  test('a decoder that fails as only a bug does is dead as well: what it answers next is worth nothing', async () => {
    const encoder = pool(1)
    const [victim, bystander] = [await encoder.open(encodeSpec), await encoder.open(encodeSpec)]
    await victim.push(slabOf(0, 0, ['{}']))
    await expect(victim.finish([{ partition: 9, start: 0, endExclusive: 1 }])).rejects.toMatchObject({
      code: 'encoder/crashed',
      kind: 'data',
    })
    await expect(bystander.finish([])).rejects.toMatchObject({ code: 'encoder/died' })
    expect((await encodeTwenty(encoder, 1)).counts[0]?.read).toBe(5)
  })

  test('closing it fails what is open', async () => {
    const encoder = pool(1)
    const session = await encoder.open(encodeSpec)
    await session.push(slabOf(0, 0, ['{}']))
    await encoder.close()
    await expect(session.finish([{ partition: 0, start: 0, endExclusive: 1 }])).rejects.toMatchObject({
      code: 'encoder/died',
    })
    await expect(encoder.open(encodeSpec)).rejects.toMatchObject({ code: 'encoder/died' })
  })
})

describe('transferableSlab', () => {
  test('moves whole buffers, copies parts of shared ones and views of one buffer only once each', () => {
    const whole = slabOf(0, 0, ['{}', '{}'])
    const pooled = Buffer.from('xx{}{}yy')
    const slab = { ...whole, bytes: pooled.subarray(2, 6), keyEnds: whole.keyStarts }
    const ready = transferableSlab(slab)
    expect(ready.slab.bytes.buffer).not.toBe(pooled.buffer)
    expect(Buffer.from(ready.slab.bytes).toString()).toBe('{}{}')
    expect(ready.slab.offsets).toBe(whole.offsets)
    expect(new Set(ready.transfer).size).toBe(9)
  })
})

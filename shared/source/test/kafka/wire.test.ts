import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FetchSize } from '../../src/kafka/fetch-size.ts'
import { parseBroker } from '../../src/kafka/kafka-options.ts'
import { scramExchange } from '../../src/kafka/scram.ts'
import { fetchRecords } from '../../src/kafka/wire/fetch.ts'
import { metadata } from '../../src/kafka/wire/metadata.ts'
import { ResponseFramer } from '../../src/kafka/wire/response-framer.ts'
import { decodeTopicId, encodeTopicId } from '../../src/kafka/wire/topic-id.ts'
import { WireReader } from '../../src/kafka/wire/wire-reader.ts'
import { WireWriter } from '../../src/kafka/wire/wire-writer.ts'
import { pushChunk } from './push-chunk.ts'

describe('fields on the wire', () => {
  it('read back as they were written', () => {
    fc.assert(
      fc.property(
        fc.record({
          small: fc.integer({ min: -128, max: 127 }),
          int16: fc.integer({ min: -32_768, max: 32_767 }),
          int32: fc.integer(),
          int64: fc.maxSafeInteger(),
          uvarint: fc.nat(),
          text: fc.option(fc.string({ unit: 'grapheme', maxLength: 300 })),
          bytes: fc.uint8Array({ maxLength: 600 }),
        }),
        (fields) => {
          const writer = new WireWriter().int8(fields.small).int16(fields.int16).int32(fields.int32).int64(fields.int64)
          writer.uvarint(fields.uvarint).compactString(fields.text).compactBytes(fields.bytes).noTags()
          const reader = new WireReader(writer.bytes())
          expect([reader.int8(), reader.int16(), reader.int32(), reader.int64(), reader.uvarint()]).toEqual([
            fields.small,
            fields.int16,
            fields.int32,
            fields.int64,
            fields.uvarint,
          ])
          expect(reader.compactNullableString()).toBe(fields.text)
          expect(reader.compactBytes()).toEqual(Buffer.from(fields.bytes))
          reader.skipTags()
          expect(reader.position).toBe(writer.bytes().length)
        },
      ),
    )
  })

  it('noise instead of an answer is refused in bounded time', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        for (const read of [
          () => fetchRecords.read(new WireReader(Buffer.from(noise)), 16),
          () => metadata.read(new WireReader(Buffer.from(noise)), 12),
        ])
          try {
            read()
          } catch (error) {
            expect(error).toMatchObject({ code: 'source/corrupt' })
          }
      }),
      { numRuns: 500 },
    )
  })

  it('an offset beyond 2^53 is refused', () => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64BE(2n ** 60n)
    expect(() => new WireReader(bytes).int64()).toThrow(/2\^53/)
  })
})

describe('answers cut out of a stream', () => {
  it('come out whole however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 4, maxLength: 50 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        (answers, cuts) => {
          const stream = Buffer.concat(
            answers.map((answer) => {
              const size = Buffer.alloc(4)
              size.writeInt32BE(answer.length)
              return Buffer.concat([size, answer])
            }),
          )
          const framer = new ResponseFramer(50)
          const found: Buffer[] = []
          for (let at = 0, cut = 0; at < stream.length; cut++) {
            const length = cuts[cut % cuts.length] ?? 1
            pushChunk(framer, stream.subarray(at, at + length), (answer) => found.push(answer))
            at += length
          }
          expect(found).toEqual(answers.map((answer) => Buffer.from(answer)))
        },
      ),
    )
  })

  it.each([-1, 0, 3, 51, 0x48545450])('a size of %i is refused before anything is allocated', (size) => {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(size)
    expect(() => pushChunk(new ResponseFramer(50), bytes, () => undefined)).toThrow(/not a Kafka listener/)
  })
})

describe('names', () => {
  it('topic ids are spelled as Kafka’s tools spell them', () => {
    const id = 'fmOG6bjHQZiz01jc64wXqg'
    expect(decodeTopicId(encodeTopicId(id) ?? Buffer.alloc(0))).toBe(id)
    expect(decodeTopicId(Buffer.alloc(16))).toBeNull()
    for (const wrong of ['', 'abc', `${id}A`, 'another', '+/+/+/+/+/+/+/+/+/+/+w'])
      expect(encodeTopicId(wrong)).toBeUndefined()
  })

  it.each([
    ['kafka:9092', { host: 'kafka', port: 9092 }],
    [' 10.0.0.1:1 ', { host: '10.0.0.1', port: 1 }],
    ['[::1]:9092', { host: '::1', port: 9092 }],
    ['kafka', undefined],
    ['kafka:0', undefined],
    ['kafka:65536', undefined],
    ['::1:9092', undefined],
    ['PLAINTEXT://kafka:9092', undefined],
  ])('%s', (text, expected) => {
    expect(parseBroker(text)).toEqual(expected)
  })
})

describe('SCRAM', () => {
  it('makes the proof of RFC 7677 § 3 and checks the server’s', async () => {
    const exchange = scramExchange('sha256', 'user', 'pencil', 'rOprNGfwEbeRWgbNEkqO')
    expect(exchange.clientFirst.toString()).toBe('n,,n=user,r=rOprNGfwEbeRWgbNEkqO')
    const step = await exchange.next(
      Buffer.from('r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096'),
    )
    expect(step.clientFinal.toString()).toBe(
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    )
    expect(() => step.verify(Buffer.from('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='))).not.toThrow()
    expect(() => step.verify(Buffer.from('v=AAAATRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='))).toThrow(/does not know/)
  })

  it('refuses a server that answers another client’s nonce, or asks for too little or too much work', async () => {
    const next = (answer: string) => scramExchange('sha512', 'a=b,c', 'p', 'nonce').next(Buffer.from(answer))
    await expect(next('r=else,s=AAAA,i=4096')).rejects.toMatchObject({ code: 'source/denied' })
    await expect(next('r=nonce,s=AAAA,i=4096')).rejects.toMatchObject({ code: 'source/denied' })
    await expect(next('r=nonce1,s=AAAA,i=100')).rejects.toMatchObject({ code: 'source/denied' })
    await expect(next('r=nonce1,s=AAAA,i=100000000')).rejects.toMatchObject({ code: 'source/denied' })
    expect(scramExchange('sha512', 'a=b,c', 'p', 'nonce').clientFirst.toString()).toBe('n,,n=a=3Db=2Cc,r=nonce')
  })
})

describe('how much to ask for', () => {
  it('asks for all it may until it has seen something, then for what a range needs, within bounds', () => {
    const size = new FetchSize(1_000_000)
    expect(size.bytesFor(10)).toBe(1_000_000)
    size.observe(1000 * 200, 1000)
    expect(size.bytesFor(2000)).toBe(500_000)
    expect(size.bytesFor(1)).toBe(65_536)
    expect(size.bytesFor(1e9)).toBe(1_000_000)
    size.observe(0, 5)
    expect(size.bytesFor(2000)).toBe(500_000)
  })
})

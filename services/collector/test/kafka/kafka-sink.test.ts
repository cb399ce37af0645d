import { SiltError } from '@silt/core'
import type { ProducerRecord, RecordMetadata } from 'kafkajs'
import { expect, test } from 'vitest'
import { KafkaSink } from '../../src/kafka/index.ts'
import type { SendingProducer } from '../../src/kafka/producer-turns.ts'

const never = new AbortController().signal
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Producers of one fake cluster: what each sent, and what answers it. */
class FakeKafka {
  readonly sends: { producer: number; partition: number; values: readonly string[] }[] = []
  readonly ended: number[] = []
  opened = 0
  underWay = 0
  answer: (record: ProducerRecord) => Promise<RecordMetadata[]> = async ({ messages }) => [
    { topicName: 'events', partition: messages[0]?.partition ?? -1, errorCode: 0 },
  ]

  readonly open = async (): Promise<SendingProducer> => {
    const producer = this.opened++
    return {
      send: async (record) => {
        const { messages } = record
        this.sends.push({
          producer,
          partition: messages[0]?.partition ?? -1,
          values: messages.map((each) => String(each.value)),
        })
        expect(new Set(messages.map((each) => each.partition)).size).toBe(1)
        return this.answer(record)
      },
      disconnect: async () => void this.ended.push(producer),
    }
  }

  sink(partitions = 3): KafkaSink {
    const source = {
      partitions: async () => Array.from({ length: partitions }, (_, partition) => ({ partition, topicId: null })),
    }
    return new KafkaSink({ topic: 'events', openProducer: this.open, source })
  }
}

const keyed = (key: string | null, text = '{}'): { key: string | null; text: string } => ({ key, text })

test("a key stays in its partition, the Java client's; requests without keys go in turn", async () => {
  const kafka = new FakeKafka()
  const sink = kafka.sink(3)
  const keys = ['21', 'foobar', 'a-little-bit-long-string', 'foobar']
  await sink.append(
    keys.map((key) => keyed(key, key)),
    never,
  )
  // The hashes Kafka's own UtilsTest names: -973932308, -790332482, -985981536; & 0x7fffffff, % 3.
  const byPartition = Object.fromEntries(kafka.sends.map(({ partition, values }) => [partition, values]))
  expect(byPartition).toEqual({ 0: ['21', 'foobar', 'foobar'], 2: ['a-little-bit-long-string'] })
  kafka.sends.length = 0
  for (const text of ['a', 'b', 'c', 'd']) await sink.append([keyed(null, text), keyed(null, text)], never)
  expect(kafka.sends.map(({ partition }) => partition)).toEqual([1, 2, 0, 1])
  expect(kafka.sends.every(({ values }) => values.length === 2)).toBe(true)
})

test('one send a partition at a time; what arrives meanwhile shares the next', async () => {
  const kafka = new FakeKafka()
  const letGo: (() => void)[] = []
  const { answer } = kafka
  kafka.answer = async (record) => {
    await new Promise<void>((resolve) => letGo.push(resolve))
    return answer(record)
  }
  const sink = kafka.sink(1)
  await sink.check()
  const appends = ['a', 'b', 'c'].map((text) => sink.append([keyed(null, text)], never))
  await turn()
  expect(kafka.sends.map(({ values }) => values)).toEqual([['a']])
  letGo.shift()?.()
  await turn()
  expect(kafka.sends.map(({ values }) => values)).toEqual([['a'], ['b', 'c']])
  letGo.shift()?.()
  expect(await Promise.all(appends)).toEqual([[], [], []])
})

test('a producer that failed is not used again, but ends only after its other sends', async () => {
  const kafka = new FakeKafka()
  const { answer } = kafka
  let letGo = (): void => undefined
  const held = new Promise<void>((resolve) => (letGo = resolve))
  kafka.answer = async (record) => {
    const value = String(record.messages[0]?.value)
    if (value === 'lost') throw new Error('the answer was lost')
    if (value === 'slow') await held
    return answer(record)
  }
  const sink = kafka.sink(2)
  await sink.check()
  const lost = sink.append([keyed(null, 'lost')], never)
  const slow = sink.append([keyed(null, 'slow')], never)
  expect((await lost).map(({ index, error }) => [index, error.kind, error.code])).toEqual([
    [0, 'ambiguous', 'collector/unanswered'],
  ])
  expect(await sink.append([keyed(null, 'next')], never)).toEqual([])
  expect(kafka.sends.map(({ producer, values }) => [producer, values[0]])).toEqual([
    [0, 'lost'],
    [0, 'slow'],
    [1, 'next'],
  ])
  expect(kafka.ended).toEqual([])
  letGo()
  expect(await slow).toEqual([])
  await sink.close()
  expect(kafka.ended.sort()).toEqual([0, 1])
})

test('a send that succeeded without an answer for its partition counts as unanswered', async () => {
  const kafka = new FakeKafka()
  kafka.answer = async () => [{ topicName: 'events', partition: 7, errorCode: 0 }]
  const [failure] = await kafka.sink(1).append([keyed(null)], never)
  expect(failure?.error).toMatchObject({ code: 'collector/unanswered', kind: 'ambiguous' })
})

test('of a batch that is too large only the events that are too large fail', async () => {
  const kafka = new FakeKafka()
  const { answer } = kafka
  kafka.answer = async (record) => {
    const bytes = record.messages.reduce((sum, { value }) => sum + String(value).length, 0)
    if (bytes > 100) throw Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' })
    return answer(record)
  }
  const sink = kafka.sink(1)
  await sink.check()
  const texts = ['x'.repeat(60), 'y'.repeat(200), 'z'.repeat(60), 'w'.repeat(300)]
  const failures = await sink.append(
    texts.map((text) => keyed(null, text)),
    never,
  )
  expect(failures.map(({ index, error }) => [index, error.code])).toEqual([
    [1, 'collector/event-too-large'],
    [3, 'collector/event-too-large'],
  ])
  const stored = kafka.sends.filter(({ values }) => values.join('').length <= 100).flatMap(({ values }) => values)
  expect(stored).toEqual([texts[0], texts[2]])
})

test('a large request goes in batches that a broker takes', async () => {
  const kafka = new FakeKafka()
  const sink = kafka.sink(1)
  await sink.append(
    Array.from({ length: 10 }, () => keyed(null, 'x'.repeat(100_000))),
    never,
  )
  expect(kafka.sends.map(({ values }) => values.length)).toEqual([5, 5])
})

test('a topic that is not there, and brokers that are away, fail all events and are told', async () => {
  const kafka = new FakeKafka()
  const missing = new KafkaSink({
    topic: 'events',
    openProducer: kafka.open,
    source: { partitions: async () => undefined },
  })
  await expect(missing.check()).rejects.toMatchObject({ code: 'collector/no-topic' })
  expect((await missing.append([keyed(null), keyed(null)], never)).map(({ index }) => index)).toEqual([0, 1])

  const away = new SiltError('unavailable', 'collector/unavailable', 'away')
  const sink = new KafkaSink({
    topic: 'events',
    openProducer: () => Promise.reject(away),
    source: { partitions: async () => [{ partition: 0, topicId: null }] },
  })
  expect(await sink.append([keyed(null)], never)).toEqual([{ index: 0, error: away }])
  await sink.close()
})

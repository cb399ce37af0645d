import { Kafka, logLevel } from 'kafkajs'
import { topicEnds } from './topics.ts'
import { waitFor } from './wait-for.ts'

export interface ReadRecord {
  readonly partition: number
  readonly key: string
  readonly value: string
}

/** Every record of a topic, as a client that is not ours reads it. */
export async function readRecords(bootstrapServers: string, topic: string): Promise<readonly ReadRecord[]> {
  const ends = await topicEnds(bootstrapServers, topic)
  const total = [...ends.values()].reduce((sum, end) => sum + end, 0)
  const kafka = new Kafka({ brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId: `check-${topic}` })
  const records: ReadRecord[] = []
  await consumer.connect()
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        records.push({ partition, key: message.key?.toString() ?? '', value: message.value?.toString() ?? '' })
      },
    })
    await waitFor('all records', () => records.length >= total || undefined)
  } finally {
    await consumer.disconnect()
  }
  return records
}

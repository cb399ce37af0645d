import { Kafka, logLevel, type Admin } from 'kafkajs'
import { waitFor } from './wait-for.ts'

/** Runs `use` with an admin client that is not ours. */
export async function withAdmin<T>(bootstrapServers: string, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Kafka({ brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

export function createTopic(
  bootstrapServers: string,
  topic: string,
  numPartitions: number,
  config: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
  return withAdmin(bootstrapServers, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic, numPartitions, replicationFactor: 1, configEntries }],
    }),
  )
}

/** Records by partition: what a reader that is not ours sees as the end. */
export async function topicEnds(bootstrapServers: string, topic: string): Promise<ReadonlyMap<number, number>> {
  const offsets = await withAdmin(bootstrapServers, (admin) => admin.fetchTopicOffsets(topic))
  return new Map(offsets.map(({ partition, high }) => [partition, Number(high)]))
}

/** Empties every partition by deleteRecords. */
export async function emptyTopic(bootstrapServers: string, topic: string): Promise<void> {
  await withAdmin(bootstrapServers, async (admin) => {
    const ends = await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({
      topic,
      partitions: ends.map(({ partition, high }) => ({ partition, offset: high })),
    })
  })
}

export async function deleteTopic(bootstrapServers: string, topic: string): Promise<void> {
  await withAdmin(bootstrapServers, (admin) => admin.deleteTopics({ topics: [topic] }))
  await waitFor('the topic to be gone', () =>
    withAdmin(bootstrapServers, async (admin) => !(await admin.listTopics()).includes(topic) || undefined),
  )
}

export async function addPartitions(bootstrapServers: string, topic: string, count: number): Promise<void> {
  await withAdmin(bootstrapServers, (admin) => admin.createPartitions({ topicPartitions: [{ topic, count }] }))
}

/** Deletes records below an offset, by partition, as retention does. */
export async function deleteRecordsBelow(
  bootstrapServers: string,
  topic: string,
  below: Readonly<Record<number, number>>,
): Promise<void> {
  const partitions = Object.entries(below).map(([partition, offset]) => ({
    partition: Number(partition),
    offset: String(offset),
  }))
  await withAdmin(bootstrapServers, async (admin) => {
    // kafkajs finds leaders only of topics it has been asked about.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions })
  })
}

/** Appends so many small events to each partition named. */
export async function sendEvents(
  bootstrapServers: string,
  topic: string,
  counts: Readonly<Record<number, number>>,
): Promise<void> {
  const kafka = new Kafka({ brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING })
  // Plain producers double records right after a topic was made.
  const producer = kafka.producer({ idempotent: true, allowAutoTopicCreation: false })
  await producer.connect()
  try {
    const messages = Object.entries(counts).flatMap(([partition, count]) =>
      Array.from({ length: count }, (_, index) => ({
        partition: Number(partition),
        value: JSON.stringify({ event_type: 'click', session_id: `${partition}-${index}` }),
      })),
    )
    await producer.send({ topic, messages })
  } finally {
    await producer.disconnect()
  }
}

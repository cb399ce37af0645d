import { Kafka, logLevel, type Admin } from 'kafkajs'

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

export function createTopic(bootstrapServers: string, topic: string, numPartitions: number): Promise<boolean> {
  return withAdmin(bootstrapServers, (admin) =>
    admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions, replicationFactor: 1 }] }),
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

import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { systemClock, systemRandom } from '@silt/core'
import { Kafka, logLevel, type Admin } from 'kafkajs'
import { KafkaSource, type KafkaSourceOptions } from '../../src/kafka/kafka-source.ts'

const run = promisify(execFile)
const peer = fileURLToPath(new URL('kafka_peer.py', import.meta.url))

/** SILT_TEST_KAFKA names the bootstrap servers of a live cluster; tests keep apart by topics and groups of their own. */
export const bootstrapServers = required('SILT_TEST_KAFKA')

export function uniqueName(what: string): string {
  return `${what}-${randomUUID().slice(0, 8)}`
}

export function openSource(options: Partial<KafkaSourceOptions> = {}): KafkaSource {
  return new KafkaSource({
    bootstrapServers: bootstrapServers.split(','),
    clientId: 'silt-test',
    clock: systemClock,
    random: systemRandom,
    ...options,
  })
}

/** Runs the librdkafka peer (Python's confluent-kafka). */
export async function askPeer<T>(command: string, topic: string, ...rest: string[]): Promise<T> {
  const python = process.env['SILT_TEST_PYTHON'] ?? 'python3'
  const { stdout } = await run(python, [peer, command, bootstrapServers, topic, ...rest], {
    timeout: 90_000,
    maxBuffer: 1 << 26,
  })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T
}

export const kafkajs = new Kafka({
  brokers: bootstrapServers.split(','),
  clientId: 'silt-peer',
  logLevel: logLevel.NOTHING,
})

export async function withAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafkajs.admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

export async function createTopic(
  topic: string,
  numPartitions: number,
  config: Record<string, string> = {},
): Promise<void> {
  // Record times of tests lie far from now: time-based retention would delete them within seconds.
  const configEntries = Object.entries({ 'retention.ms': '-1', ...config }).map(([name, value]) => ({ name, value }))
  await withAdmin((admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic, numPartitions, replicationFactor: 1, configEntries }],
    }),
  )
}

export async function produce(topic: string, partition: number, values: readonly (string | null)[]): Promise<void> {
  // Plain producers duplicate records right after a topic is made.
  const producer = kafkajs.producer({ idempotent: true, allowAutoTopicCreation: false })
  await producer.connect()
  await producer.send({ topic, messages: values.map((value) => ({ partition, value })) })
  await producer.disconnect()
}

function required(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`${name} is not set`)
  return value
}

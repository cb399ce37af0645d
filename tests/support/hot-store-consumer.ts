import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import kafkajs, { type Consumer, type EachBatchPayload } from 'kafkajs'
import pg from 'pg'
import { readBentoConfig, type BentoConfig } from './bento-config.ts'
import { waitFor } from './wait-for.ts'

const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = kafkajs

CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: ({ buffer }: { buffer: Buffer }) =>
    Promise.resolve(zstdCompressSync(buffer, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })),
  decompress: (buffer: Buffer) => Promise.resolve(zstdDecompressSync(buffer)),
})

/** Long: what is shown is that others leave the group alone, not how soon it notices a member that is kept waiting by a busy machine. */
const sessionMs = 120_000

export interface HotStoreConsumerOptions {
  /** What Bento would find in its environment. */
  readonly environment: Readonly<Record<string, string>>
  readonly members: number
  /** Each n-th batch is delivered twice, as when the answer of the first time was lost. */
  readonly repeatEvery: number
}

/**
 * Stands in for Bento, which cannot be installed where the tests run: takes group, fields, batch size and query from `bento/hot-store.yaml`,
 * reads by kafkajs and calls PostgreSQL by pg. Test-only: Bento's own reading of that file, its client, its batching over time and its
 * retries are not shown by it.
 */
export class HotStoreConsumer {
  readonly groupId: string
  /** How often a member has joined the group: one more means that it was rebalanced. */
  joins = 0
  /** What made a member leave and join again, once all had settled. */
  readonly crashes: string[] = []
  /** Records delivered again on purpose. */
  repeated = 0
  readonly #options: HotStoreConsumerOptions
  readonly #config: BentoConfig
  readonly #pool: pg.Pool
  readonly #consumers: Consumer[]
  #batches = 0

  constructor(options: HotStoreConsumerOptions) {
    this.#options = options
    this.#config = readBentoConfig(options.environment)
    this.groupId = this.#config.groupId
    this.#pool = new pg.Pool({ connectionString: options.environment['HOT_STORE_DSN'], max: options.members })
    // Of a connection that nobody uses; a query that fails tells so itself.
    this.#pool.on('error', () => undefined)
    const kafka = new Kafka({
      brokers: [...this.#config.brokers],
      logLevel: logLevel.NOTHING,
      clientId: 'bento',
      requestTimeout: sessionMs,
    })
    const { groupId, readUncommitted } = this.#config
    this.#consumers = Array.from({ length: options.members }, () =>
      kafka.consumer({ groupId, readUncommitted, sessionTimeout: sessionMs }),
    )
  }

  /** Resolves when every member has its partitions and has kept them for a while. */
  async start(): Promise<void> {
    for (const consumer of this.#consumers) {
      consumer.on(consumer.events.GROUP_JOIN, () => this.joins++)
      consumer.on(consumer.events.CRASH, ({ payload }) => this.crashes.push(String(payload.error)))
      await consumer.connect()
      await consumer.subscribe({ topics: [...this.#config.topics], fromBeginning: true })
      await consumer.run({ eachBatch: (payload) => this.#take(payload) })
    }
    let seen = -1
    await waitFor(
      'the members of the hot store’s group to settle',
      () => {
        const settled = this.joins === seen && seen >= this.#options.members
        seen = this.joins
        return settled || undefined
      },
      90_000,
      2_000,
    )
    // A new broker's coordinator is still loading when the first members come.
    this.crashes.length = 0
  }

  async stop(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.disconnect()))
    await this.#pool.end()
  }

  async #take(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload
    const { batchCount, map } = this.#config
    for (let first = 0; first < batch.messages.length; first += batchCount) {
      const messages = batch.messages.slice(first, first + batchCount)
      const mapped = messages.map(({ value, offset, timestamp }) =>
        map({
          content: value ?? Buffer.alloc(0),
          topic: batch.topic,
          partition: batch.partition,
          offset: Number(offset),
          timestampMs: Number(timestamp),
        }),
      )
      await this.#deliver(mapped)
      if (++this.#batches % this.#options.repeatEvery === 0) {
        await this.#deliver(mapped)
        this.repeated += mapped.length
      }
      payload.resolveOffset(messages.at(-1)?.offset ?? batch.firstOffset() ?? '0')
      await payload.commitOffsetsIfNecessary()
      await payload.heartbeat()
    }
  }

  async #deliver(batch: readonly unknown[]): Promise<void> {
    await this.#pool.query(this.#config.query, [JSON.stringify(batch)])
  }
}

import { SiltError, shouldRetry } from '@silt/core'
import type { Clock, Random } from '@silt/core'
import type { BrokerConnection } from './broker-connection.ts'
import { ConnectionPool } from './connection-pool.ts'
import { parseBroker, type BrokerAddress, type KafkaConnectionOptions } from './kafka-options.ts'
import { topicMissing } from '../errors.ts'
import { protocolError, protocolFailure } from './protocol-errors.ts'
import { metadata, type PartitionLeader } from './wire/metadata.ts'

const TOPICS_CACHED_MAX = 1000
const METADATA_AGE_MAX_MS = 30_000
const UNKNOWN_TOPIC_OR_PARTITION = 3
const LEADER_NOT_AVAILABLE = 5

export interface TopicView {
  readonly name: string
  readonly topicId: string | null
  readonly partitions: readonly PartitionLeader[]
  readonly seenAtMs: number
}

/** Where a partition is led now. */
export interface Leadership {
  readonly address: BrokerAddress
  readonly leaderEpoch: number
  readonly topicId: string | null
}

/**
 * What is known of the cluster: brokers, and per topic its id and leaders, asked for again when old or found wrong.
 *
 * Errors: `source/unavailable` (unavailable, names KAFKA_BOOTSTRAP_SERVERS when no broker answers), `source/topic-missing`, `source/denied`.
 */
export class Cluster {
  readonly pool: ConnectionPool
  readonly #bootstrap: readonly BrokerAddress[]
  readonly #clock: Clock
  readonly #random: Random
  readonly #topics = new Map<string, TopicView>()
  readonly #asking = new Map<string, Promise<TopicView | undefined>>()
  #brokers: ReadonlyMap<number, BrokerAddress> = new Map()

  constructor(options: KafkaConnectionOptions & { readonly responseBytesMax: number }, clock: Clock, random: Random) {
    this.#bootstrap = options.bootstrapServers.map((text) => {
      const address = parseBroker(text)
      if (address !== undefined) return address
      throw new SiltError(
        'invalid',
        'source/denied',
        `KAFKA_BOOTSTRAP_SERVERS: ${JSON.stringify(text)} is not host:port`,
      )
    })
    this.pool = new ConnectionPool(options, clock, random)
    this.#clock = clock
    this.#random = random
  }

  /** The topic as of at most `ageMaxMs` ago; undefined while it does not exist. */
  async topic(name: string, ageMaxMs = METADATA_AGE_MAX_MS): Promise<TopicView | undefined> {
    const known = this.#topics.get(name)
    if (known !== undefined && this.#clock.monotonicMs() - known.seenAtMs < ageMaxMs) return known
    const asked = this.#asking.get(name)
    // A caller that wants it fresh must not get an answer to a question put before its own.
    if (asked !== undefined && ageMaxMs > 0) return asked
    const asking = this.#ask(name).finally(() => {
      if (this.#asking.get(name) === asking) this.#asking.delete(name)
    })
    this.#asking.set(name, asking)
    return asking
  }

  /** Errors: `source/topic-missing`; `source/unavailable` while the partition has no leader. */
  async leader(topic: string, partition: number): Promise<Leadership> {
    const view = await this.topic(topic)
    const found = view?.partitions.find((each) => each.partition === partition)
    if (view === undefined) throw topicMissing('kafka', topic)
    const what = `partition ${partition} of topic ${topic}`
    if (found === undefined) throw protocolFailure(UNKNOWN_TOPIC_OR_PARTITION, what, { topic, partition })
    const address = this.#brokers.get(found.leader)
    if (address === undefined) throw protocolFailure(LEADER_NOT_AVAILABLE, what, { topic, partition })
    return { address, leaderEpoch: found.leaderEpoch, topicId: view.topicId }
  }

  /** What is cached about the topic proved wrong: the next question goes to a broker. */
  forget(topic: string): void {
    this.#topics.delete(topic)
  }

  /** A connection to the first broker that answers: known ones from a random start on, then the bootstrap list. */
  async anyBroker(): Promise<BrokerConnection> {
    const known = [...this.#brokers.values()]
    const from = Math.floor(this.#random.next() * known.length)
    let last: unknown
    for (const address of [...known.slice(from), ...known.slice(0, from), ...this.#bootstrap]) {
      try {
        return await this.pool.shared(address)
      } catch (error) {
        if (!shouldRetry(error)) throw error
        last = error
      }
    }
    const servers = this.#bootstrap.map(({ host, port }) => `${host}:${port}`).join(',')
    const why = last instanceof Error ? ` (${last.message})` : ''
    throw new SiltError(
      'unavailable',
      'source/unavailable',
      `no Kafka broker answers; KAFKA_BOOTSTRAP_SERVERS is ${servers}${why}`,
      { cause: last },
    )
  }

  /** By the clock that sessions expire by. */
  nowMs(): number {
    return this.#clock.monotonicMs()
  }

  close(): Promise<void> {
    return this.pool.close()
  }

  async #ask(name: string): Promise<TopicView | undefined> {
    const connection = await this.anyBroker()
    const answer = await connection.call(metadata, { topic: name })
    if (answer.brokers.size > 0) this.#brokers = answer.brokers
    const { errorCode, topicId, partitions } = answer.topic
    if (errorCode === UNKNOWN_TOPIC_OR_PARTITION) {
      this.#topics.delete(name)
      return undefined
    }
    // A topic being made or losing its leaders still lists its partitions.
    if (errorCode !== 0 && protocolError(errorCode).remedy !== 'refresh')
      throw protocolFailure(errorCode, `topic ${name}`, { topic: name })
    const view = { name, topicId, partitions, seenAtMs: this.#clock.monotonicMs() }
    if (this.#topics.size >= TOPICS_CACHED_MAX) this.#topics.clear()
    this.#topics.set(name, view)
    return view
  }
}

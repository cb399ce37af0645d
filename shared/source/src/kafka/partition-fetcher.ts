import { SiltError, shouldRetry } from '@silt/core'
import type { Clock, ReadRequest } from '@silt/core'
import { topicChanged, topicMissing } from '../errors.ts'
import type { BrokerConnection } from './broker-connection.ts'
import type { Cluster, Leadership } from './cluster.ts'
import type { Isolation } from './kafka-options.ts'
import type { AnswerMemory, Landing } from './landing/answer-memory.ts'
import { protocolError, protocolFailure } from './protocol-errors.ts'
import { FETCH_BY_ID, fetchRecords, type FetchResponse } from './wire/fetch.ts'
import { encodeTopicId } from './wire/topic-id.ts'

const THROTTLE_WAIT_MAX_MS = 30_000

export interface FetchedRecords extends NonNullable<FetchResponse['partition']> {
  /** The records are not looked at any more: their memory may be another answer's. May be called again. */
  release(): void
}

/**
 * Fetches from one partition over a connection of its own, one attempt a call, always for the same topic id (I13): from
 * Fetch v13 on the request names the id itself; before that `requireSameTopic` is to be asked after the last fetch.
 *
 * Errors: as `Source`; `source/unavailable` after anything that trying again may mend, with the cluster view made to be renewed.
 * OFFSET_OUT_OF_RANGE is not an error here: `fetch` answers `'out-of-range'`, and the reader finds out what it means.
 */
export class PartitionFetcher {
  readonly #cluster: Cluster
  readonly #request: ReadRequest
  readonly #isolation: Isolation
  readonly #maxWaitMs: number
  readonly #clock: Clock
  readonly #landing: Landing | undefined
  #connection: BrokerConnection | undefined
  #namedById = false
  #isClosed = false

  constructor(
    cluster: Cluster,
    request: ReadRequest,
    isolation: Isolation,
    maxWaitMs: number,
    clock: Clock,
    landing?: Landing,
  ) {
    this.#cluster = cluster
    this.#request = request
    this.#isolation = isolation
    this.#maxWaitMs = maxWaitMs
    this.#clock = clock
    this.#landing = landing
  }

  async fetch(offset: number, bytesMax: number): Promise<FetchedRecords | 'out-of-range'> {
    const memory = this.#landing?.()
    const release = (): void => memory?.release()
    try {
      const leadership = await this.#leader()
      const connection = await this.#connect(leadership)
      const partition = await this.#checked(await this.#ask(connection, leadership, offset, bytesMax, memory))
      if (partition !== 'out-of-range') return { ...partition, release }
      release()
      return partition
    } catch (error) {
      release()
      // Whatever is away may have moved: look the leader up again, over a new connection. Once closed, it is our own doing.
      if (shouldRetry(error) && !this.#isClosed) {
        this.#cluster.forget(this.#request.topic)
        this.#giveBack()
      }
      throw error
    }
  }

  /** After the last fetch. Errors: `source/topic-changed`, `source/topic-missing`, `source/unavailable`. */
  async requireSameTopic(): Promise<void> {
    if (this.#namedById) return
    const { topic, topicId, partition } = this.#request
    const view = await this.#cluster.topic(topic, 0)
    if (view === undefined) throw topicMissing('kafka', topic)
    if (topicId !== null && view.topicId !== topicId) throw topicChanged(topic, partition, topicId, view.topicId)
  }

  /** Gives the connection back, at once or, where a fetch under way has yet to get one, then: that fetch fails. */
  close(): void {
    this.#isClosed = true
    this.#giveBack()
  }

  #giveBack(): void {
    if (this.#connection !== undefined) this.#cluster.pool.release(this.#connection)
    this.#connection = undefined
  }

  async #leader(): Promise<Leadership> {
    const { topic, topicId, partition } = this.#request
    const leadership = await this.#cluster.leader(topic, partition)
    if (topicId === null || leadership.topicId === topicId) return leadership
    // The cached view may be the one that is out of date.
    this.#cluster.forget(topic)
    const fresh = await this.#cluster.leader(topic, partition)
    if (fresh.topicId !== topicId) throw topicChanged(topic, partition, topicId, fresh.topicId)
    return fresh
  }

  async #connect({ address }: Leadership): Promise<BrokerConnection> {
    const held = this.#connection
    const sameBroker = held?.address.host === address.host && held.address.port === address.port
    if (held !== undefined && sameBroker && held.usable(this.#clock.monotonicMs())) return held
    this.#giveBack()
    const lent = (this.#connection = await this.#cluster.pool.lend(address))
    if (!this.#isClosed) return lent
    this.#giveBack()
    throw new SiltError('unavailable', 'source/unavailable', 'reading ended before there was a connection')
  }

  async #ask(
    connection: BrokerConnection,
    leadership: Leadership,
    offset: number,
    bytesMax: number,
    memory: AnswerMemory | undefined,
  ): Promise<FetchResponse> {
    const { topic, partition } = this.#request
    const topicId = leadership.topicId === null ? undefined : encodeTopicId(leadership.topicId)
    const newest = connection.version(fetchRecords)
    const version = topicId === undefined ? Math.min(newest, FETCH_BY_ID - 1) : newest
    this.#namedById = version >= FETCH_BY_ID
    const call = {
      topic,
      topicId: topicId ?? new Uint8Array(16),
      partition,
      leaderEpoch: leadership.leaderEpoch,
      offset,
      isolation: this.#isolation,
      maxWaitMs: this.#maxWaitMs,
      bytesMax,
    }
    return connection.call(fetchRecords, call, version, memory)
  }

  async #checked({
    throttleMs,
    errorCode,
    partition,
  }: FetchResponse): Promise<NonNullable<FetchResponse['partition']> | 'out-of-range'> {
    const code = errorCode === 0 ? (partition?.errorCode ?? 0) : errorCode
    if (code === 0 && partition !== undefined) return partition
    const context = { topic: this.#request.topic, partition: this.#request.partition }
    if (code === 0) {
      await this.#clock.sleep(Math.min(throttleMs, THROTTLE_WAIT_MAX_MS))
      throw new SiltError('unavailable', 'source/unavailable', `Kafka throttles reading of topic ${context.topic}`, {
        context,
      })
    }
    const { remedy } = protocolError(code)
    if (remedy === 'out-of-range') return 'out-of-range'
    if (remedy === 'missing') await this.#requireTopicNow()
    throw protocolFailure(code, `partition ${context.partition} of topic ${context.topic}`, context)
  }

  /** UNKNOWN_TOPIC_ID and its like: gone, made anew, or a broker that has not heard of it yet. */
  async #requireTopicNow(): Promise<void> {
    this.#cluster.forget(this.#request.topic)
    if ((await this.#cluster.topic(this.#request.topic, 0)) === undefined)
      throw topicMissing('kafka', this.#request.topic)
    await this.#leader()
  }
}

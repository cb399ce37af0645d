import { backoffMs, isSiltError, shouldRetry } from '@silt/core'
import type { Assignment, BackoffPolicy, Clock, Membership, Random } from '@silt/core'
import { topicMissing } from '../../errors.ts'
import { Cluster } from '../cluster.ts'
import type { KafkaConnectionOptions } from '../kafka-options.ts'
import { GroupMember, type Joined } from './group-member.ts'

const RESPONSE_BYTES_MAX = 16 * 1024 * 1024
const BACKOFF: BackoffPolicy = { firstMs: 100, maxMs: 1000, attemptsMax: Infinity }

export interface KafkaMembershipOptions extends KafkaConnectionOptions {
  readonly topic: string
  /** KAFKA_GROUP_ID. */
  readonly groupId: string
  /** Makes the member static (group.instance.id): it does not leave at its end and comes back without a rebalance. */
  readonly groupInstanceId?: string
  /** A member silent for longer is out. Default 6000. */
  readonly sessionTimeoutMs?: number
  /** Default 1000. */
  readonly heartbeatIntervalMs?: number
  /** How often the topic is looked at: for coming into being, for more partitions. Default 1000. */
  readonly topicPollMs?: number
  readonly clock: Clock
  readonly random: Random
}

/**
 * Membership of a Kafka consumer group that reads nothing: the classic group protocol, partitions kept where they are as
 * far as balance allows. A member goes on with what it has while the group rebalances: ownership is liveness, never safety.
 *
 * `run` joins again for ever after losses and ends early only on what waiting cannot mend: `source/denied`,
 * `source/unsupported`, `source/fenced-instance`. One run per object.
 */
export class KafkaMembership implements Membership {
  readonly #options: KafkaMembershipOptions
  readonly #cluster: Cluster
  readonly #member: GroupMember
  readonly #sessionTimeoutMs: number
  #generation = 0
  #heardAtMs = 0
  #assigned: { readonly generation: number; readonly joined: Joined } | undefined

  constructor(options: KafkaMembershipOptions) {
    this.#options = options
    this.#sessionTimeoutMs = options.sessionTimeoutMs ?? 6000
    this.#cluster = new Cluster({ ...options, responseBytesMax: RESPONSE_BYTES_MAX }, options.clock, options.random)
    this.#member = new GroupMember(this.#cluster, {
      groupId: options.groupId,
      topic: options.topic,
      groupInstanceId: options.groupInstanceId ?? null,
      sessionTimeoutMs: this.#sessionTimeoutMs,
    })
  }

  async run(
    signal: AbortSignal,
    onAssignment: (assignment: Assignment) => void,
    onWaiting: (error: unknown) => void,
  ): Promise<void> {
    let waitingFor: string | undefined
    const ended = (): boolean => signal.aborted
    try {
      for (let failures = 0; !ended();) {
        try {
          await this.#requireTopic()
          await this.#joinOnce(signal, onAssignment)
          failures = 0
          waitingFor = undefined
          await this.#stay(signal, onAssignment)
        } catch (error) {
          if (ended()) break
          if (!shouldRetry(error)) throw error
          this.#member.lostCoordinator()
          // Told once per reason, or a day without a broker is a log of nothing else.
          const reason = isSiltError(error) ? error.code : ''
          if (reason !== waitingFor) onWaiting(error)
          waitingFor = reason
          const missing = isSiltError(error, 'source/topic-missing')
          const silentMs = this.#options.clock.monotonicMs() - this.#heardAtMs
          if (missing || silentMs >= this.#sessionTimeoutMs) this.#lose(onAssignment)
          const waitMs = missing
            ? (this.#options.topicPollMs ?? 1000)
            : backoffMs(BACKOFF, ++failures, this.#options.random)
          await this.#options.clock.sleep(waitMs, signal)
        }
      }
    } finally {
      this.#assigned = undefined
      // Best effort: whoever cannot leave is dropped when the session ends.
      await this.#member.leave().catch(() => undefined)
      this.#member.lostCoordinator()
      await this.#cluster.close()
    }
  }

  async report(generation: number, nextOffsets: ReadonlyMap<number, number>): Promise<void> {
    const assigned = this.#assigned
    if (assigned === undefined || assigned.generation !== generation || nextOffsets.size === 0) return
    await this.#member.commit(assigned.joined, nextOffsets)
  }

  async #requireTopic(): Promise<void> {
    const { topic } = this.#options
    const found = await this.#cluster.topic(topic, this.#options.topicPollMs ?? 1000)
    if (found === undefined) throw topicMissing('kafka', topic)
  }

  async #joinOnce(signal: AbortSignal, onAssignment: (assignment: Assignment) => void): Promise<void> {
    const joined = await this.#member.join(this.#assigned?.joined.partitions ?? [], signal)
    this.#heardAtMs = this.#options.clock.monotonicMs()
    const generation = ++this.#generation
    this.#assigned = { generation, joined }
    onAssignment(Object.freeze({ generation, partitions: joined.partitions }))
  }

  /** Heartbeats until it is time to join again. Throws once the session must have ended, or what retrying cannot mend. */
  async #stay(signal: AbortSignal, onAssignment: (assignment: Assignment) => void): Promise<void> {
    const { clock, heartbeatIntervalMs = 1000 } = this.#options
    for (;;) {
      await clock.sleep(heartbeatIntervalMs, signal)
      const assigned = this.#assigned
      if (signal.aborted || assigned === undefined) return
      try {
        const verdict = await this.#member.heartbeat(assigned.joined.identity)
        this.#heardAtMs = clock.monotonicMs()
        if (verdict === 'forgotten') this.#lose(onAssignment)
        if (verdict !== 'fine' || (await this.#grown(assigned.joined))) return
      } catch (error) {
        if (!shouldRetry(error) || isSiltError(error, 'source/topic-missing')) throw error
        this.#member.lostCoordinator()
        if (clock.monotonicMs() - this.#heardAtMs >= this.#sessionTimeoutMs) throw error
      }
    }
  }

  /** Whether the topic has other partitions than were shared out: for the leader to see, who joins again. */
  async #grown({ leader, partitionCount }: Joined): Promise<boolean> {
    const found = await this.#cluster.topic(this.#options.topic, this.#options.topicPollMs ?? 1000)
    if (found === undefined) throw topicMissing('kafka', this.#options.topic)
    return leader && found.partitions.length !== partitionCount
  }

  #lose(onAssignment: (assignment: Assignment) => void): void {
    if (this.#assigned === undefined) return
    this.#assigned = undefined
    onAssignment(Object.freeze({ generation: ++this.#generation, partitions: [] }))
  }
}

import { SiltError } from '@silt/core'
import type { Clock, Random } from '@silt/core'
import { BrokerConnection } from './broker-connection.ts'
import { Cluster } from './cluster.ts'
import { protocolName } from './group/group-member.ts'
import { groupVerdict } from './group/group-errors.ts'
import { parseBroker, type KafkaConnectionOptions } from './kafka-options.ts'
import { protocolError, protocolFailure } from './protocol-errors.ts'
import { RetryBudget } from './retry-budget.ts'
import type { ApiCall } from './wire/api-call.ts'
import { describeConfigs } from './wire/describe-configs.ts'
import { describeGroups } from './wire/describe-groups.ts'
import { fetchRecords } from './wire/fetch.ts'
import { findCoordinator } from './wire/find-coordinator.ts'
import { heartbeat } from './wire/heartbeat.ts'
import { joinGroup } from './wire/join-group.ts'
import { listOffsets } from './wire/list-offsets.ts'
import { metadata } from './wire/metadata.ts'
import { offsetCommit } from './wire/offset-commit.ts'
import { syncGroup } from './wire/sync-group.ts'

export interface BrokerAnswer {
  /** From the first packet to the authenticated answer. */
  readonly ms: number
  /** APIs that Silt needs and broker and Silt have no version of in common. */
  readonly missingApis: readonly string[]
}

export interface TopicAnswer {
  readonly topicId: string | null
  readonly partitions: number
  /** Partitions without a leader now. */
  readonly leaderless: readonly number[]
  readonly brokers: number
  readonly mayRead: boolean
  readonly mayDescribe: boolean
}

export interface TopicRetention {
  /** Undefined: without end. */
  readonly retentionMs: number | undefined
  readonly retentionBytes: number | undefined
  readonly isCompacted: boolean
}

export interface GroupAnswer {
  readonly state: string
  readonly members: number
  /** What the members of a group that is not Silt's agreed on; undefined where the group is Silt's or empty. */
  readonly foreignProtocol: string | undefined
  readonly mayJoin: boolean
}

const responseBytesMax = 64 * 2 ** 20
const coordinatorMsMax = 5000
const UNKNOWN_TOPIC_OR_PARTITION = 3
/** Numbers of ACL operations, as the protocol has them. */
const READ = 3
const DESCRIBE = 8

const neededApis: readonly ApiCall<never, unknown>[] = [
  metadata,
  fetchRecords,
  listOffsets,
  findCoordinator,
  joinGroup,
  syncGroup,
  heartbeat,
  offsetCommit,
]

/**
 * Asks a cluster what an operator wants to know before Silt runs on it. Every question changes nothing: no group is joined, no topic made. Errors: `source/unavailable`, `source/denied`, `source/unsupported`.
 */
export class KafkaProbe {
  readonly #options: KafkaConnectionOptions & { readonly responseBytesMax: number }
  readonly #cluster: Cluster
  readonly #clock: Clock
  readonly #random: Random

  constructor(options: KafkaConnectionOptions & { readonly clock: Clock; readonly random: Random }) {
    this.#options = { ...options, responseBytesMax }
    this.#cluster = new Cluster(this.#options, options.clock, options.random)
    this.#clock = options.clock
    this.#random = options.random
  }

  /** One of `bootstrapServers`, over a connection of its own: reached, TLS and SASL as configured. */
  async broker(server: string): Promise<BrokerAnswer> {
    const address = parseBroker(server)
    if (address === undefined)
      throw new SiltError('invalid', 'source/denied', `KAFKA_BOOTSTRAP_SERVERS: ${server} is not host:port`)
    const beganMs = this.#clock.monotonicMs()
    const connection = await BrokerConnection.open(address, this.#options, this.#clock, this.#random)
    try {
      const ms = Math.round(this.#clock.monotonicMs() - beganMs)
      const missingApis = neededApis.filter((api) => !speaks(connection, api)).map(({ name }) => name)
      return { ms, missingApis }
    } finally {
      connection.close()
    }
  }

  /** Undefined where the topic does not exist, or may not be seen. */
  async topic(name: string): Promise<TopicAnswer | undefined> {
    const connection = await this.#cluster.anyBroker()
    const { brokers, topic } = await connection.call(metadata, { topic: name, withRights: true })
    if (topic.errorCode === UNKNOWN_TOPIC_OR_PARTITION) return undefined
    if (topic.errorCode !== 0 && protocolError(topic.errorCode).remedy !== 'refresh')
      throw protocolFailure(topic.errorCode, `topic ${name}`, { topic: name })
    return {
      topicId: topic.topicId,
      partitions: topic.partitions.length,
      leaderless: topic.partitions.filter(({ leader }) => leader < 0).map(({ partition }) => partition),
      brokers: brokers.size,
      mayRead: permits(topic.rights, READ),
      mayDescribe: permits(topic.rights, DESCRIBE),
    }
  }

  async retention(topic: string): Promise<TopicRetention> {
    const connection = await this.#cluster.anyBroker()
    const keys = ['retention.ms', 'retention.bytes', 'cleanup.policy']
    const { errorCode, values } = await connection.call(describeConfigs, { topic, keys })
    if (errorCode !== 0) throw protocolFailure(errorCode, `the configuration of topic ${topic}`, { topic })
    const isDeleted = values.get('cleanup.policy')?.includes('delete') !== false
    return {
      retentionMs: isDeleted ? limitOf(values.get('retention.ms')) : undefined,
      retentionBytes: isDeleted ? limitOf(values.get('retention.bytes')) : undefined,
      isCompacted: values.get('cleanup.policy')?.includes('compact') === true,
    }
  }

  /** A coordinator that is moving, or made for the first group of a cluster, is waited for a few seconds. */
  async group(groupId: string): Promise<GroupAnswer> {
    const budget = new RetryBudget(coordinatorMsMax, this.#clock, this.#random)
    for (;;) {
      try {
        return await this.#group(groupId)
      } catch (error) {
        await budget.spend(error)
      }
    }
  }

  close(): Promise<void> {
    return this.#cluster.close()
  }

  async #group(groupId: string): Promise<GroupAnswer> {
    const any = await this.#cluster.anyBroker()
    const found = await any.call(findCoordinator, { groupId })
    requireFine(found.errorCode, groupId)
    const coordinator = await this.#cluster.pool.shared(found.address)
    const group = await coordinator.call(describeGroups, { groupId })
    requireFine(group.errorCode, groupId)
    const isOurs = group.members === 0 || group.protocol === protocolName || group.protocol === ''
    return {
      state: group.state,
      members: group.members,
      foreignProtocol: isOurs ? undefined : `${group.protocolType} ${group.protocol}`,
      mayJoin: permits(group.rights, READ),
    }
  }
}

function speaks(connection: BrokerConnection, api: ApiCall<never, unknown>): boolean {
  try {
    connection.version(api)
    return true
  } catch {
    return false
  }
}

function permits(rights: number, operation: number): boolean {
  return (rights & (1 << operation)) !== 0
}

/** Kafka spells "no limit" as a negative number. */
function limitOf(text: string | undefined): number | undefined {
  const value = Number(text ?? '-1')
  return Number.isFinite(value) && value >= 0 ? value : undefined
}

function requireFine(errorCode: number, groupId: string): void {
  const verdict = groupVerdict(errorCode, groupId)
  if (verdict.kind === 'failed') throw verdict.error
  if (verdict.kind !== 'fine')
    throw new SiltError('unavailable', 'source/unavailable', `group ${groupId} has no coordinator that answers now`)
}

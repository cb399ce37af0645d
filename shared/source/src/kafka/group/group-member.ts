import { SiltError } from '@silt/core'
import { abortable } from '../abortable.ts'
import type { BrokerConnection } from '../broker-connection.ts'
import type { Cluster } from '../cluster.ts'
import type { BrokerAddress } from '../kafka-options.ts'
import { findCoordinator } from '../wire/find-coordinator.ts'
import { heartbeat, type GroupMember as MemberIdentity } from '../wire/heartbeat.ts'
import { joinGroup } from '../wire/join-group.ts'
import { leaveGroup } from '../wire/leave-group.ts'
import { offsetCommit } from '../wire/offset-commit.ts'
import { syncGroup } from '../wire/sync-group.ts'
import { assignPartitions } from './assignor.ts'
import { decodeAssignment, decodeOwned, encodeAssignment, encodeSubscription } from './consumer-protocol.ts'
import { groupVerdict } from './group-errors.ts'

/** What members of Silt's groups call the way they share partitions. */
export const protocolName = 'silt-sticky'
const JOIN_ROUNDS_MAX = 10

export interface GroupSettings {
  readonly groupId: string
  readonly topic: string
  readonly groupInstanceId: string | null
  readonly sessionTimeoutMs: number
}

export interface Joined {
  readonly identity: MemberIdentity
  readonly coordinator: BrokerAddress
  readonly partitions: readonly number[]
  readonly leader: boolean
  /** How many partitions the topic had when they were shared out; known to the leader. */
  readonly partitionCount: number
}

/**
 * One member of a classic consumer group: the calls, one attempt each. Joining keeps the member id, so that coming back
 * is not coming anew.
 *
 * Errors: `source/unavailable`, `source/denied`, `source/fenced-instance` (fenced).
 */
export class GroupMember {
  readonly #cluster: Cluster
  readonly #settings: GroupSettings
  #memberId = ''
  #coordinator: BrokerAddress | undefined
  #connection: BrokerConnection | undefined

  constructor(cluster: Cluster, settings: GroupSettings) {
    this.#cluster = cluster
    this.#settings = settings
  }

  /** Joins and takes its share; blocks while the others come along, at most a session timeout. */
  async join(owned: readonly number[], signal: AbortSignal): Promise<Joined> {
    const { groupId, topic, groupInstanceId, sessionTimeoutMs } = this.#settings
    for (let round = 1; ; round++) {
      const connection = await this.#connect()
      connection.setPatience(sessionTimeoutMs)
      const request = {
        groupId,
        sessionTimeoutMs,
        // A member comes back within a heartbeat; one that has died holds the others up this long.
        rebalanceTimeoutMs: sessionTimeoutMs,
        memberId: this.#memberId,
        groupInstanceId,
        protocolName,
        subscription: encodeSubscription(topic, owned),
      }
      const joined = await abortable(connection.call(joinGroup, request), signal)
      if (!this.#again(joined.errorCode, round, joined.memberId)) {
        this.#memberId = joined.memberId
        const leader = joined.leader === joined.memberId
        const partitionCount = leader ? ((await this.#cluster.topic(topic, 0))?.partitions.length ?? 0) : 0
        const identity = { groupId, groupInstanceId, generation: joined.generation, memberId: joined.memberId }
        const assignments = leader ? this.#share(joined.members, partitionCount) : []
        const synced = await abortable(connection.call(syncGroup, { ...identity, protocolName, assignments }), signal)
        if (!this.#again(synced.errorCode, round)) {
          connection.setPatience(0)
          const partitions = decodeAssignment(synced.assignment, topic)
          return { identity, coordinator: connection.address, partitions, leader, partitionCount }
        }
      }
    }
  }

  async heartbeat(identity: MemberIdentity): Promise<'fine' | 'rejoin' | 'forgotten'> {
    const connection = await this.#connect()
    const verdict = groupVerdict((await connection.call(heartbeat, identity)).errorCode, identity.groupId)
    if (verdict.kind === 'failed') throw verdict.error
    if (verdict.kind === 'forgotten') this.#memberId = ''
    return verdict.kind === 'name-yourself' ? 'rejoin' : verdict.kind
  }

  /** Publishes offsets under the generation they belong to; a superseded one is ignored. */
  async commit({ identity, coordinator }: Joined, offsets: ReadonlyMap<number, number>): Promise<void> {
    const connection = await this.#cluster.pool.shared(coordinator)
    const { errorCodes } = await connection.call(offsetCommit, { ...identity, topic: this.#settings.topic, offsets })
    for (const code of errorCodes) {
      const verdict = groupVerdict(code, identity.groupId)
      if (verdict.kind === 'failed') throw verdict.error
    }
  }

  /** Static members stay: they are expected back. Over another connection: ours may be waiting for a rebalance. */
  async leave(): Promise<void> {
    const { groupId, groupInstanceId } = this.#settings
    if (groupInstanceId === null && this.#memberId !== '' && this.#coordinator !== undefined) {
      const connection = await this.#cluster.pool.shared(this.#coordinator)
      await connection.call(leaveGroup, { groupId, memberId: this.#memberId })
    }
    this.#memberId = ''
  }

  /** After a failure: the coordinator may have moved. */
  lostCoordinator(): void {
    this.#connection?.close()
    if (this.#connection !== undefined) this.#cluster.pool.release(this.#connection)
    this.#connection = undefined
    this.#coordinator = undefined
  }

  async #connect(): Promise<BrokerConnection> {
    // A session that is about to expire would be cut by the broker in the middle of a call (KIP-368).
    if (this.#connection?.usable(this.#cluster.nowMs()) === true) return this.#connection
    this.lostCoordinator()
    const { groupId } = this.#settings
    const any = await this.#cluster.anyBroker()
    const { errorCode, address } = await any.call(findCoordinator, { groupId })
    const verdict = groupVerdict(errorCode, groupId)
    if (verdict.kind === 'failed') throw verdict.error
    this.#coordinator = address
    return (this.#connection = await this.#cluster.pool.lend(address))
  }

  #share(
    members: readonly { memberId: string; subscription: Buffer }[],
    count: number,
  ): { memberId: string; assignment: Buffer }[] {
    const { topic } = this.#settings
    const claims = members.map(({ memberId, subscription }) => ({ memberId, owned: decodeOwned(subscription, topic) }))
    const shares = assignPartitions(
      claims,
      Array.from({ length: count }, (_, partition) => partition),
    )
    return [...shares].map(([memberId, partitions]) => ({ memberId, assignment: encodeAssignment(topic, partitions) }))
  }

  /** Whether to join once more at once; throws what that cannot mend. `named`: the id the coordinator wants us to use. */
  #again(errorCode: number, round: number, named = ''): boolean {
    const { groupId } = this.#settings
    const verdict = groupVerdict(errorCode, groupId)
    if (verdict.kind === 'failed') throw verdict.error
    if (verdict.kind === 'fine') return false
    if (verdict.kind === 'forgotten') this.#memberId = ''
    if (verdict.kind === 'name-yourself') this.#memberId = named
    if (round < JOIN_ROUNDS_MAX) return true
    throw new SiltError('unavailable', 'source/unavailable', `group ${groupId} does not settle`, {
      context: { groupId },
    })
  }
}

import type { BrokerConnection } from './broker-connection.ts'
import type { Cluster } from './cluster.ts'
import type { BrokerAddress, Isolation } from './kafka-options.ts'
import { protocolError, protocolFailure } from './protocol-errors.ts'
import { EARLIEST, EARLIEST_LOCAL, LATEST, listOffsets } from './wire/list-offsets.ts'

const EARLIEST_LOCAL_SINCE_VERSION = 8

/** Offsets of partitions, asked once of each one's leader. Nothing is retried here; what went wrong is forgotten from the cluster view. */
export class OffsetListing {
  readonly #cluster: Cluster
  readonly #isolation: Isolation

  constructor(cluster: Cluster, isolation: Isolation) {
    this.#cluster = cluster
    this.#isolation = isolation
  }

  async ends(
    topic: string,
    partitions: readonly number[],
  ): Promise<Map<number, { logStart: number; readableEnd: number }>> {
    // The start is asked first: both only grow, so the pair is never inverted.
    const [starts, ends] = await this.#ask(topic, partitions, [EARLIEST, LATEST])
    return new Map(
      partitions.map((partition) => {
        const readableEnd = ends?.get(partition) ?? 0
        return [partition, { logStart: Math.min(starts?.get(partition) ?? 0, readableEnd), readableEnd }]
      }),
    )
  }

  /** First offset at or after `timeMs`; the readable end where there is none. */
  async atTime(topic: string, partitions: readonly number[], timeMs: number): Promise<Map<number, number>> {
    const [found, ends] = await this.#ask(topic, partitions, [timeMs, LATEST])
    return new Map(
      partitions.map((partition) => {
        const offset = found?.get(partition) ?? -1
        return [partition, offset < 0 ? (ends?.get(partition) ?? 0) : offset]
      }),
    )
  }

  /**
   * Whether what stands at `offset` and above is on the leader's own disk, not in tiered storage, where a broker may
   * answer a Fetch with nothing although there is something.
   */
  async isLocal(topic: string, partition: number, offset: number): Promise<boolean> {
    const { address } = await this.#cluster.leader(topic, partition)
    const connection = await this.#cluster.pool.shared(address)
    if (connection.version(listOffsets) < EARLIEST_LOCAL_SINCE_VERSION) return true
    const [starts] = await this.#ask(topic, [partition], [EARLIEST_LOCAL])
    return (starts?.get(partition) ?? 0) <= offset
  }

  /** Per timestamp, the offsets by partition; the questions reach each leader in order. */
  async #ask(
    topic: string,
    partitions: readonly number[],
    timestampsMs: readonly number[],
  ): Promise<Map<number, number>[]> {
    const leaders = new Map<string, { address: BrokerAddress; asked: { partition: number; leaderEpoch: number }[] }>()
    for (const partition of partitions) {
      const { address, leaderEpoch } = await this.#cluster.leader(topic, partition)
      const key = `${address.host}:${address.port}`
      const group = leaders.get(key) ?? { address, asked: [] }
      leaders.set(key, group)
      group.asked.push({ partition, leaderEpoch })
    }
    const found = timestampsMs.map(() => new Map<number, number>())
    const askLeader = async ({
      address,
      asked,
    }: {
      address: BrokerAddress
      asked: { partition: number; leaderEpoch: number }[]
    }): Promise<void> => {
      const connection = await this.#cluster.pool.shared(address)
      await Promise.all(
        timestampsMs.map((timestampMs, index) =>
          this.#askOne(connection, topic, asked, timestampMs, found[index] as Map<number, number>),
        ),
      )
    }
    try {
      await Promise.all([...leaders.values()].map(askLeader))
    } catch (error) {
      this.#cluster.forget(topic)
      throw error
    }
    return found
  }

  async #askOne(
    connection: BrokerConnection,
    topic: string,
    partitions: readonly { partition: number; leaderEpoch: number }[],
    timestampMs: number,
    found: Map<number, number>,
  ): Promise<void> {
    const isolation = this.#isolation
    for (const { partition, errorCode, offset } of await connection.call(listOffsets, {
      topic,
      isolation,
      timestampMs,
      partitions,
    })) {
      if (errorCode !== 0)
        throw protocolFailure(errorCode, `the offsets of partition ${partition} of topic ${topic}`, {
          topic,
          partition,
          remedy: protocolError(errorCode).remedy,
        })
      found.set(partition, offset)
    }
  }
}

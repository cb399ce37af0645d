import { isSiltError, shouldRetry } from '@silt/core'
import type { BrokerConnection } from './broker-connection.ts'
import type { Cluster } from './cluster.ts'
import type { BrokerAddress, Isolation } from './kafka-options.ts'
import { protocolError, protocolFailure } from './protocol-errors.ts'
import { EARLIEST, EARLIEST_LOCAL, LATEST, listOffsets } from './wire/list-offsets.ts'

const EARLIEST_LOCAL_SINCE_VERSION = 8

type Asked = { readonly partition: number; readonly leaderEpoch: number }

/** Offsets of partitions, asked once of each one's leader. Nothing is retried here; what went wrong is forgotten from the cluster view. */
export class OffsetListing {
  readonly #cluster: Cluster
  readonly #isolation: Isolation

  constructor(cluster: Cluster, isolation: Isolation) {
    this.#cluster = cluster
    this.#isolation = isolation
  }

  /** Partitions whose leader is away are left out, unless all are: then it throws as `Source.ends` does. */
  async ends(
    topic: string,
    partitions: readonly number[],
  ): Promise<Map<number, { logStart: number; readableEnd: number }>> {
    // The start is asked first: both only grow, so the pair is never inverted.
    const { found, failures } = await this.#askAll(topic, partitions, [EARLIEST, LATEST])
    const ends = new Map<number, { logStart: number; readableEnd: number }>()
    for (const partition of partitions) {
      const [start, readableEnd] = found.map((each) => each.get(partition))
      if (start === undefined || readableEnd === undefined) continue
      ends.set(partition, { logStart: Math.min(start, readableEnd), readableEnd })
    }
    if (ends.size === 0 && failures.length > 0) throw failures[0]
    return ends
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

  /** As `#askAll`, for those who need every answer. */
  async #ask(
    topic: string,
    partitions: readonly number[],
    timestampsMs: readonly number[],
  ): Promise<readonly Map<number, number>[]> {
    const { found, failures } = await this.#askAll(topic, partitions, timestampsMs)
    if (failures.length > 0) throw failures[0]
    return found
  }

  /**
   * Per timestamp, the offsets by partition; the questions reach each leader in order. `failures`: why answers are missing, of the kind that trying
   * again may mend; others are thrown.
   */
  async #askAll(
    topic: string,
    partitions: readonly number[],
    timestampsMs: readonly number[],
  ): Promise<{ readonly found: readonly Map<number, number>[]; readonly failures: readonly unknown[] }> {
    const failures: unknown[] = []
    const keep = (error: unknown): void => {
      if (!shouldRetry(error)) throw error
      failures.push(error)
    }
    const leaders = new Map<string, { readonly address: BrokerAddress; readonly asked: Asked[] }>()
    for (const partition of partitions) {
      try {
        const { address, leaderEpoch } = await this.#cluster.leader(topic, partition)
        const key = `${address.host}:${address.port}`
        const group = leaders.get(key) ?? { address, asked: [] }
        leaders.set(key, group)
        group.asked.push({ partition, leaderEpoch })
      } catch (error) {
        // The view is forgotten after the round, or each such partition would ask for it anew.
        if (!shouldRetry(error) || isSiltError(error, 'source/topic-missing')) throw error
        failures.push(error)
      }
    }
    const found = timestampsMs.map(() => new Map<number, number>())
    const askLeader = async (address: BrokerAddress, asked: readonly Asked[]): Promise<void> => {
      const connection = await this.#cluster.pool.shared(address)
      await Promise.all(
        timestampsMs.map((timestampMs, index) =>
          this.#askOne(connection, topic, asked, timestampMs, found[index] as Map<number, number>, keep),
        ),
      )
    }
    try {
      await Promise.all([...leaders.values()].map(({ address, asked }) => askLeader(address, asked).catch(keep)))
    } catch (error) {
      this.#cluster.forget(topic)
      throw error
    }
    if (failures.length > 0) this.#cluster.forget(topic)
    return { found, failures }
  }

  async #askOne(
    connection: BrokerConnection,
    topic: string,
    partitions: readonly Asked[],
    timestampMs: number,
    found: Map<number, number>,
    onFailure: (error: unknown) => void,
  ): Promise<void> {
    const isolation = this.#isolation
    const answers = await connection.call(listOffsets, { topic, isolation, timestampMs, partitions })
    for (const { partition, errorCode, offset } of answers) {
      if (errorCode === 0) {
        found.set(partition, offset)
        continue
      }
      const { remedy } = protocolError(errorCode)
      onFailure(
        protocolFailure(errorCode, `the offsets of partition ${partition} of topic ${topic}`, {
          topic,
          partition,
          remedy,
        }),
      )
    }
  }
}

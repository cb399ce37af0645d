import { SiltError } from '@silt/core'
import type { Clock, Random } from '@silt/core'
import { BrokerConnection } from './broker-connection.ts'
import type { BrokerAddress, KafkaConnectionOptions } from './kafka-options.ts'

const IDLE_PER_BROKER_MAX = 4

/**
 * Connections by broker address: one shared for small calls, and any number lent out one at a time for fetching
 * (a broker serves one request per connection at a time, so a long fetch must not stand before a small call).
 * At most `IDLE_PER_BROKER_MAX` unlent ones are kept per broker.
 */
export class ConnectionPool {
  readonly #options: KafkaConnectionOptions & { readonly responseBytesMax: number }
  readonly #clock: Clock
  readonly #random: Random
  readonly #shared = new Map<string, Promise<BrokerConnection>>()
  readonly #idle = new Map<string, BrokerConnection[]>()
  readonly #lent = new Set<BrokerConnection>()
  #closed = false

  constructor(options: KafkaConnectionOptions & { readonly responseBytesMax: number }, clock: Clock, random: Random) {
    this.#options = options
    this.#clock = clock
    this.#random = random
  }

  async shared(address: BrokerAddress): Promise<BrokerConnection> {
    const key = keyOf(address)
    const opening = this.#shared.get(key)
    if (opening !== undefined) {
      const found = await opening
      if (found.usable(this.#clock.monotonicMs())) return found
      if (this.#shared.get(key) === opening) this.#shared.delete(key)
      // An expired session is left to finish what it carries; the broker closes it.
      return this.shared(address)
    }
    const fresh = this.#open(address)
    this.#shared.set(key, fresh)
    try {
      return await fresh
    } catch (error) {
      if (this.#shared.get(key) === fresh) this.#shared.delete(key)
      throw error
    }
  }

  /** A connection for the caller alone until `release`. */
  async lend(address: BrokerAddress): Promise<BrokerConnection> {
    const idle = this.#idle.get(keyOf(address)) ?? []
    for (let found = idle.pop(); found !== undefined; found = idle.pop()) {
      if (found.usable(this.#clock.monotonicMs())) {
        this.#lent.add(found)
        return found
      }
      found.close()
    }
    const fresh = await this.#open(address)
    this.#lent.add(fresh)
    return fresh
  }

  /** Takes a connection back. One whose answer is still owed is closed rather than made to wait for. */
  release(connection: BrokerConnection): void {
    this.#lent.delete(connection)
    const key = keyOf(connection.address)
    const idle = this.#idle.get(key) ?? []
    const keep = !this.#closed && connection.idle && connection.usable(this.#clock.monotonicMs())
    if (!keep || idle.length >= IDLE_PER_BROKER_MAX) return connection.close()
    idle.push(connection)
    this.#idle.set(key, idle)
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const idle of this.#idle.values()) for (const connection of idle) connection.close()
    for (const connection of this.#lent) connection.close()
    const shared = await Promise.allSettled(this.#shared.values())
    for (const each of shared) if (each.status === 'fulfilled') each.value.close()
  }

  async #open(address: BrokerAddress): Promise<BrokerConnection> {
    this.#requireOpen()
    const connection = await BrokerConnection.open(address, this.#options, this.#clock, this.#random)
    try {
      this.#requireOpen()
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  }

  #requireOpen(): void {
    if (this.#closed) throw new SiltError('internal', 'source/closed', 'the Kafka client is used after it was closed')
  }
}

function keyOf({ host, port }: BrokerAddress): string {
  return `${host}:${port}`
}

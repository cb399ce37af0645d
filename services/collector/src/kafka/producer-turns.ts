import { Kafka, type Producer } from 'kafkajs'
import type { Log } from '@silt/core'
import type { KafkaConnectionOptions } from '@silt/source'
import { kafkajsConfig } from './kafkajs-config.ts'
import { connectError } from './produce-error.ts'

/** What the sink needs of a kafkajs producer. */
export type SendingProducer = Pick<Producer, 'send' | 'disconnect'>

/** Opens a connected producer with an id of its own; throws `collector/unavailable` or `collector/denied`. */
export type OpenProducer = () => Promise<SendingProducer>

/** An idempotent kafkajs producer that sends each message where it says. */
export function kafkajsProducer(connection: KafkaConnectionOptions, log: Log): OpenProducer {
  return async () => {
    const kafka = new Kafka(await kafkajsConfig(connection, log))
    const producer = kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    })
    try {
      await producer.connect()
    } catch (error) {
      await producer.disconnect().catch(() => undefined)
      throw connectError(error)
    }
    return producer
  }
}

interface Turn {
  readonly producer: Promise<SendingProducer>
  users: number
  spent: boolean
}

/**
 * One producer for all partitions, replaced as soon as a send with it has failed: kafkajs gives the sequence numbers of a failed send to the next one,
 * which the broker then takes for the failed one, stored already, and drops. Other sends end on the producer they began with.
 */
export class ProducerTurns {
  readonly #open: OpenProducer
  #turn: Turn | undefined
  readonly #ending = new Set<Promise<void>>()

  constructor(open: OpenProducer) {
    this.#open = open
  }

  async use<T>(send: (producer: SendingProducer) => Promise<T>): Promise<T> {
    const turn = (this.#turn ??= { producer: this.#open(), users: 0, spent: false })
    turn.users++
    try {
      return await send(await turn.producer)
    } catch (error) {
      this.#spend(turn)
      throw error
    } finally {
      turn.users--
      this.#endIfDone(turn)
    }
  }

  /** Resolves once every producer is disconnected. */
  async close(): Promise<void> {
    if (this.#turn !== undefined) {
      const turn = this.#turn
      this.#spend(turn)
      this.#endIfDone(turn)
    }
    await Promise.all(this.#ending)
  }

  #spend(turn: Turn): void {
    turn.spent = true
    if (this.#turn === turn) this.#turn = undefined
  }

  #endIfDone(turn: Turn): void {
    if (!turn.spent || turn.users > 0) return
    const ending = turn.producer
      .then((producer) => producer.disconnect())
      .catch(() => undefined)
      .finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
  }
}

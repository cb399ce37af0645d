import { SiltError } from '@silt/core'
import type { CollectedEvent } from '../events/split-events.ts'
import { allFailed } from '../group-append.ts'
import type { AppendFailure } from '../sink.ts'
import { produceError } from './produce-error.ts'
import type { ProducerTurns } from './producer-turns.ts'

const acksAll = -1
/** Below the request's own time-out, so that the broker's answer is heard. */
const brokerTimeoutMs = 4_000

/**
 * Stores events in one partition, in one record batch; answers what failed. Not to be called for a partition while it runs for it.
 * A batch that is too large for the topic is halved until the events are found that are: nothing of it was stored.
 */
export async function sendEvents(
  producers: ProducerTurns,
  topic: string,
  partition: number,
  events: readonly CollectedEvent[],
): Promise<readonly AppendFailure[]> {
  const error = await sendBatch(producers, topic, partition, events)
  if (error === undefined) return []
  if (error.kind !== 'data' || events.length === 1) return allFailed(events, error)
  const middle = Math.ceil(events.length / 2)
  const before = await sendEvents(producers, topic, partition, events.slice(0, middle))
  const after = await sendEvents(producers, topic, partition, events.slice(middle))
  return [...before, ...after.map((failure) => ({ ...failure, index: failure.index + middle }))]
}

async function sendBatch(
  producers: ProducerTurns,
  topic: string,
  partition: number,
  events: readonly CollectedEvent[],
): Promise<SiltError | undefined> {
  try {
    await producers.use(async (producer) => {
      const messages = events.map(({ text, key }) => ({ key, value: text, partition }))
      const answers = await producer.send({ topic, acks: acksAll, timeout: brokerTimeoutMs, messages })
      // A send whose partition was left out also succeeds.
      const stored = answers.some((answer) => answer.partition === partition && answer.errorCode === 0)
      if (!stored) throw unanswered(topic, partition)
    })
    return undefined
  } catch (thrown) {
    return produceError(thrown, topic)
  }
}

function unanswered(topic: string, partition: number): SiltError {
  const message = `KAFKA_BOOTSTRAP_SERVERS: no answer for partition ${partition} of topic ${topic}; the events may be stored`
  return new SiltError('ambiguous', 'collector/unanswered', message, { context: { topic, partition } })
}

import { SiltError, type OffsetRange, type Source } from '@silt/core'

/** The setting that says where a kind of source finds its topics. */
const settingOf: Readonly<Record<Source['kind'], string>> = Object.freeze({
  kafka: 'KAFKA_TOPIC',
  files: 'TOPICS_DIR',
  memory: 'the memory source',
})

/** `source/topic-missing`: the topic does not exist (yet); `place` is where it was looked for. */
export function topicMissing(kind: Source['kind'], topic: string, place?: string): SiltError {
  const where = place === undefined ? '' : ` (looked in ${place})`
  return new SiltError(
    'unavailable',
    'source/topic-missing',
    `topic "${topic}" does not exist${where}: check ${settingOf[kind]}, or create it`,
    { context: { topic } },
  )
}

/** `source/out-of-range`: the range is not inside what the source holds now. */
export function outOfRange(topic: string, range: OffsetRange, logStart: number, readableEnd: number): SiltError {
  const { partition, start, endExclusive } = range
  return new SiltError(
    'data',
    'source/out-of-range',
    `topic "${topic}" partition ${partition}: [${start}, ${endExclusive}) is outside the readable [${logStart}, ${readableEnd})`,
    { context: { topic, partition, start, endExclusive, logStart, readableEnd } },
  )
}

/** `source/topic-changed`: another log stands under the name of the one the range was cut from. */
export function topicChanged(topic: string, partition: number, expected: string, found: string | null): SiltError {
  return new SiltError(
    'data',
    'source/topic-changed',
    `topic "${topic}" partition ${partition} is another log now: its topic id is ${found ?? 'absent'}, not ${expected}`,
    { context: { topic, partition, expected, found } },
  )
}

import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { SiltError, type Clock } from '@silt/core'
import type { EventGenerator } from './event-generator.ts'

export interface DemoTopic {
  readonly directory: string
  readonly topic: string
  readonly partitionCount: number
}

const eventsPerAppendMax = 1000

/**
 * Appends `count` generated events, dealt out over `<directory>/<topic>/<partition>.ndjson`, whole lines at a time.
 * Errors: `demo/cannot-write` (invalid), naming the folder and TOPICS_DIR.
 */
export async function appendEvents(
  topic: DemoTopic,
  generator: EventGenerator,
  count: number,
  clock: Clock,
): Promise<void> {
  const folder = join(topic.directory, topic.topic)
  const perAppend = Math.min(eventsPerAppendMax, Math.ceil(count / topic.partitionCount))
  try {
    await mkdir(folder, { recursive: true })
    for (let partition = 0, left = count; left > 0; partition = (partition + 1) % topic.partitionCount) {
      const size = Math.min(perAppend, left)
      await appendLines(partitionFile(topic, partition), generator, size, clock)
      left -= size
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new SiltError(
      'invalid',
      'demo/cannot-write',
      `cannot append events below ${folder}: ${reason}; set TOPICS_DIR to a writable folder`,
      {
        cause,
      },
    )
  }
}

async function appendLines(path: string, generator: EventGenerator, count: number, clock: Clock): Promise<void> {
  const lines = Array.from({ length: count }, () => `${generator.next(clock.nowMs())}\n`)
  const file = await open(path, 'a')
  try {
    // In one call: `appendFile` makes one of every 512 KiB, and a collector may append between them.
    const bytes = Buffer.from(lines.join(''))
    const { bytesWritten } = await file.write(bytes)
    if (bytesWritten < bytes.length) throw new Error(`only ${bytesWritten} of ${bytes.length} bytes were taken`)
  } finally {
    await file.close()
  }
}

/** Appends at `eventsPerSecond` until `signal` aborts, dealing ticks out over the partitions. */
export async function keepAppending(
  topic: DemoTopic,
  generator: EventGenerator,
  eventsPerSecond: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const tickMs = Math.max(50, Math.ceil(1000 / eventsPerSecond))
  let owed = 0
  await mkdir(join(topic.directory, topic.topic), { recursive: true })
  for (let tick = 0; !signal.aborted; tick++) {
    await clock.sleep(tickMs, signal)
    owed += (eventsPerSecond * tickMs) / 1000
    const count = Math.floor(owed)
    owed -= count
    if (count > 0) await appendLines(partitionFile(topic, tick % topic.partitionCount), generator, count, clock)
  }
}

function partitionFile(topic: DemoTopic, partition: number): string {
  return join(topic.directory, topic.topic, `${partition}.ndjson`)
}

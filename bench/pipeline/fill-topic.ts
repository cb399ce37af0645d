import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { python } from '../../tests/support/python.ts'
import type { EventMaker } from '../events/event-maker.ts'

export const topicPartitions = 6
const codec = 'lz4'
const linesPerChunk = 1000
const produceScript = fileURLToPath(new URL('../../tests/load/produce.py', import.meta.url))

/** Produces the maker's next events, lz4 by librdkafka; returns the bytes of an event on average. */
export async function fillTopic(
  bootstrapServers: string,
  topic: string,
  maker: EventMaker,
  events: number,
): Promise<number> {
  const child = spawn(python, [produceScript, '-', bootstrapServers, topic, String(topicPartitions), codec], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const ended = once(child, 'exit')
  let bytes = 0
  const chunks = function* (): Generator<Buffer> {
    for (let made = 0; made < events; made += linesPerChunk) {
      const lines = Array.from({ length: Math.min(linesPerChunk, events - made) }, () => `${maker.next()}\n`)
      const chunk = Buffer.from(lines.join(''))
      bytes += chunk.length
      yield chunk
    }
  }
  await pipeline(Readable.from(chunks()), child.stdin)
  const [code] = (await ended) as [number | null]
  if (code !== 0) throw new Error('the events could not be produced: the message is above')
  return bytes / events - 1
}

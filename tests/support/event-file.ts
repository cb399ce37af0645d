import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { seededRandom } from '@silt/core'
import { createEventGenerator } from '@silt/cli/demo-events'

/** Writes `count` generated events, one a line, the same for the same seed; returns the bytes written. */
export async function writeEventFile(path: string, count: number, seed: number): Promise<number> {
  const generator = createEventGenerator(seededRandom(seed))
  const file = createWriteStream(path)
  const startMs = Date.UTC(2026, 10, 1)
  let bytes = 0
  for (let written = 0; written < count;) {
    const lines: string[] = []
    for (const end = Math.min(count, written + 1000); written < end; written++)
      lines.push(generator.next(startMs + written * 7))
    const chunk = Buffer.from(`${lines.join('\n')}\n`)
    bytes += chunk.length
    if (!file.write(chunk)) await once(file, 'drain')
  }
  file.end()
  await once(file, 'close')
  return bytes
}

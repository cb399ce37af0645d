import { seededRandom } from '@silt/core'
import type { EventMaker } from '../events/event-maker.ts'
import * as vocabulary from '../events/vocabulary.ts'

/** JSON of the maker's next event, of `bytes` bytes for what was said in it: words by chance. */
export function largeEvent(maker: EventMaker, bytes: number): string {
  const event = JSON.parse(maker.next()) as Record<string, unknown>
  const random = seededRandom(16)
  const missing = (text: string): number =>
    bytes - Buffer.byteLength(JSON.stringify({ ...event, interaction_text: text }))
  const words: string[] = []
  for (let left = missing(''); left >= 0;) {
    const word = vocabulary.words[Math.floor(random.next() * vocabulary.words.length)] as string
    words.push(word)
    left -= Buffer.byteLength(word) + 1
  }
  const text = words.join(' ')
  const tooMany = Math.max(0, -missing(text))
  return JSON.stringify({ ...event, interaction_text: text.slice(0, text.length - tooMany) })
}

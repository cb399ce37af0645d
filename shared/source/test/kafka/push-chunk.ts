import type { ResponseFramer } from '../../src/kafka/wire/response-framer.ts'

/** Feeds a chunk to the framer, as a socket would that reads into the framer's target. */
export function pushChunk(framer: ResponseFramer, chunk: Buffer, onResponse: (response: Buffer) => void): void {
  for (let at = 0; at < chunk.length;) {
    const copied = chunk.copy(framer.target(), 0, at)
    at += copied
    const response = framer.advance(copied)
    if (response !== undefined) onResponse(response)
  }
}

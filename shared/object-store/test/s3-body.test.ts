import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { HashedBody, requestBody } from '../src/s3-body.ts'

const bytes = new Uint8Array(3 * 2 ** 20 + 17).map((_, index) => index % 251)

test('a small body is handed over as it is', async () => {
  const small = bytes.subarray(0, 256 * 2 ** 10)
  expect(await requestBody(small)).toBe(small)
})

test('a large body is read as views of its bytes and carries their hash', async () => {
  const body = await hashed()
  expect(body.sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
  const pieces: Buffer[] = []
  for await (const piece of body) pieces.push(piece as Buffer)
  expect(Buffer.compare(Buffer.concat(pieces), bytes)).toBe(0)
  expect(pieces.every((piece) => piece.buffer === bytes.buffer)).toBe(true)
})

test('the event loop turns between two pieces of 256 KiB, while it is hashed and while it is sent', async () => {
  const turns = countTurns()
  const body = await hashed()
  expect(turns()).toBeGreaterThanOrEqual(13)
  let pieces = 0
  let turnsBefore = turns()
  for await (const piece of body) {
    expect((piece as Buffer).byteLength).toBeLessThanOrEqual(256 * 2 ** 10)
    expect(turns()).toBeGreaterThan(turnsBefore)
    turnsBefore = turns()
    pieces++
  }
  expect(pieces).toBe(13)
})

async function hashed(): Promise<HashedBody> {
  const body = await requestBody(bytes)
  if (!(body instanceof HashedBody)) throw new Error('handed over whole')
  return body
}

/** Turns of the event loop since the call. */
function countTurns(): () => number {
  let turns = 0
  const turn = (): void => {
    turns++
    setImmediate(turn).unref()
  }
  setImmediate(turn).unref()
  return () => turns
}

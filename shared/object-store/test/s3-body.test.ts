import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
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

test('the memory may be taken back as soon as the last piece is read', async () => {
  const own = bytes.slice()
  const body = await hashed(own)
  let readBytes = 0
  body.on('data', (piece: Buffer) => {
    readBytes += piece.byteLength
    if (readBytes === bytes.byteLength) takeBack(own)
  })
  await once(body, 'end')
  expect(own.byteLength).toBe(0)
})

test('memory taken back before is an error of the request, and of no request that is over', async () => {
  const [own, other] = [bytes.slice(), bytes.slice()]
  const [cut, over] = [await hashed(own), await hashed(other)]
  const request = new PassThrough()
  request.once('data', () => takeBack(own))
  cut.pipe(request)
  await expect(once(request, 'end')).rejects.toThrow('taken back')
  await once(over, 'data')
  over.destroy()
  takeBack(other)
  const turns = countTurns()
  while (turns() < 5) await new Promise((resolve) => setImmediate(resolve))
  expect(over.errored).toBeNull()
})

function takeBack(memory: Uint8Array<ArrayBuffer>): void {
  structuredClone(memory.buffer, { transfer: [memory.buffer] })
  expect(memory.byteLength).toBe(0)
}

async function hashed(of: Uint8Array = bytes): Promise<HashedBody> {
  const body = await requestBody(of)
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

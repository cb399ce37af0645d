import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { Link } from './link.ts'

const closing: (() => Promise<unknown> | void)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A server that answers each chunk with it in upper case, behind a link. */
async function opened(): Promise<{
  readonly link: Link
  readonly heard: string[]
  readonly client: () => Promise<Client>
}> {
  const heard: string[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      heard.push(bytes.toString())
      socket.write(bytes.toString().toUpperCase())
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  const link = await Link.before((server.address() as AddressInfo).port)
  closing.push(() => link.close())
  return {
    link,
    heard,
    client: async () => {
      const socket = connect(link.port, '127.0.0.1')
      socket.on('error', () => undefined)
      closing.push(() => void socket.destroy())
      const ended = new Client(socket)
      await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), ended.closed])
      return ended
    },
  }
}

class Client {
  received = ''
  readonly closed: Promise<unknown>
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes) => (this.received += bytes.toString()))
    this.closed = new Promise((resolve) => socket.once('close', resolve))
  }

  say(text: string): void {
    this.#socket.write(text)
  }

  async receives(text: string): Promise<void> {
    while (this.received !== text) await delay(5)
  }
}

test('what passes is answered', async () => {
  const client = await (await opened()).client()
  client.say('one')
  await client.receives('ONE')
})

test('a cut ends what is open and what comes, until it is over', async () => {
  const { link, client } = await opened()
  const before = await client()
  before.say('one')
  await before.receives('ONE')
  link.mode = { kind: 'cut' }
  await before.closed
  await (
    await client()
  ).closed
  link.mode = { kind: 'pass' }
  const after = await client()
  after.say('two')
  await after.receives('TWO')
})

test('a swallowed answer is never seen, though the request arrives; its connection ends with the mode', async () => {
  const { link, heard, client } = await opened()
  const struck = await client()
  link.mode = { kind: 'swallow' }
  struck.say('one')
  while (heard.length === 0) await delay(5)
  link.mode = { kind: 'pass' }
  await struck.closed
  expect(heard).toEqual(['one'])
  expect(struck.received).toBe('')
})

test('a connection without a swallowed answer outlives the mode', async () => {
  const { link, client } = await opened()
  const idle = await client()
  idle.say('one')
  await idle.receives('ONE')
  link.mode = { kind: 'swallow' }
  link.mode = { kind: 'pass' }
  idle.say('two')
  await idle.receives('ONETWO')
})

test('delayed bytes come late and in order, also those that follow when the delay is over', async () => {
  const { link, heard, client } = await opened()
  const slow = await client()
  link.mode = { kind: 'delay', delayMs: 60 }
  slow.say('a')
  await delay(10)
  link.mode = { kind: 'pass' }
  slow.say('b')
  expect(heard).toEqual([])
  await slow.receives('AB')
})

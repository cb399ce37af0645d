import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { rotatingRedis } from '../../src/bullmq/rotating-redis.ts'

test("a socket's second error is nobody's end: TLS tells of a wrong certificate, then of the server's alert", async () => {
  const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = rotatingRedis(
    `redis://127.0.0.1:${port}`,
    { enableReadyCheck: true, retryStrategy: () => null },
    () => ({}),
  )
  await once(client, 'connect')
  const socket = client['stream']
  const told = once(client, 'error')
  socket.emit('error', new Error('unable to verify the first certificate'))
  expect(String(await told)).toContain('unable to verify')
  expect(() => socket.emit('error', new Error('tlsv1 alert decode error'))).not.toThrow()
  client.disconnect()
  server.close()
})

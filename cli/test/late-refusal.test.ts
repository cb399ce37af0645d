import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, systemRandom, type Clock } from '@silt/core'
import { Redaction } from '@silt/telemetry'
import { afterEach, expect, test } from 'vitest'
import { exitCodes } from '../src/exit-code.ts'
import { runProgram } from '../src/program.ts'

/** Waits a fiftieth of what is asked. */
const hasty: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 50, signal) }

let server: Server | undefined
afterEach(() => server?.close())

/** Where a Redis that refuses everything will be. */
async function freePort(): Promise<number> {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const { port } = holder.address() as AddressInfo
  holder.close()
  await once(holder, 'close')
  return port
}

function refuseAll(port: number): void {
  server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      const commands = bytes.toString('latin1').match(/^\*\d+\r$/gm)?.length ?? 1
      socket.write('-NOPERM this user has no permissions\r\n'.repeat(commands))
    })
  }).listen(port, '127.0.0.1')
}

const awayStore = {
  DELTA_TABLE_PATH: 's3://away/table',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_ALLOW_HTTP: 'true',
  AWS_ACCESS_KEY_ID: 'x',
  AWS_SECRET_ACCESS_KEY: 'x',
}

test.each([
  ['writer', {}],
  // It waits for its store before it begins: the refusal is heard meanwhile.
  ['committer', awayStore],
])(
  'a server that was away at the start of a %s and refuses once it is there ends it; it would wait for ever',
  async (actor, store) => {
    const folder = await mkdtemp(join(tmpdir(), 'silt-late-'))
    const port = await freePort()
    const told: string[] = []
    const running = runProgram(['run', actor], {
      environment: {
        TOPICS_DIR: join(folder, 'topics'),
        DELTA_TABLE_PATH: join(folder, 'table'),
        ...store,
        REDIS_URL: `redis://127.0.0.1:${port}`,
        OPS_PORT: '0',
        LOG_LEVEL: 'silent',
      },
      clock: hasty,
      random: systemRandom,
      signal: AbortSignal.timeout(30_000),
      interactive: false,
      secrets: new Redaction(),
      readTextFile: () => '',
      printsToPerson: false,
      write: (bytes) => Promise.resolve(void told.push(String(bytes))),
      print: (line) => told.push(line),
      note: (text) => told.push(text),
    })
    // The start's checks have been answered by then: nobody is there.
    await systemClock.sleep(500)
    refuseAll(port)
    expect(await running, told.join('')).toBe(exitCodes.usage)
    expect(told.join('')).toMatch(/REDIS_URL: .*NOPERM.*\[queue\/denied\]/)
    await rm(folder, { recursive: true, force: true })
  },
)

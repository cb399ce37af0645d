import { existsSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, systemRandom } from '@silt/core'
import { commitEntry, commitInfo, loadState } from '@silt/delta'
import { openStore } from '@silt/object-store'
import { HyparquetReader } from '@silt/parquet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exitCodes } from '../src/exit-code.ts'
import { runProgram } from '../src/program.ts'
import { testTerminal } from './support/terminal.ts'

describe('silt run --until-idle', () => {
  let folder: string
  let told: string[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'silt-idle-'))
    told = []
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const run = (signal: AbortSignal, more: Readonly<Record<string, string>> = {}): Promise<number> => {
    const environment = {
      KAFKA_TOPIC: 'events',
      TOPICS_DIR: join(folder, 'topics'),
      DELTA_TABLE_PATH: join(folder, 'table'),
      OPS_PORT: '0',
      LOG_LEVEL: 'silent',
      ...more,
    }
    return runProgram(
      ['run', '--until-idle'],
      testTerminal({ environment, signal }, (text) => told.push(text)),
    )
  }

  it('exits 0 once what is there is committed', async () => {
    await mkdir(join(folder, 'topics/events'), { recursive: true })
    await writeFile(join(folder, 'topics/events/0.ndjson'), '{"event_type":"click"}\n')
    expect(await run(new AbortController().signal), told.join('')).toBe(exitCodes.ok)
  })

  it('does not pass an interruption off as done', async () => {
    // The topic never comes.
    expect(await run(AbortSignal.timeout(500))).toBe(exitCodes.unavailable)
    expect(told.join('')).toContain('stopped before everything readable at start was committed')
  })

  it('interrupted while it asks the store, leaves nothing under way', async () => {
    const interrupt = new AbortController()
    const running = run(interrupt.signal)
    while (!existsSync(join(folder, 'table/_silt'))) await new Promise((resolve) => setImmediate(resolve))
    interrupt.abort()
    expect(await running).toBe(exitCodes.unavailable)
    const left = await readdir(join(folder, 'table/_silt'))
    expect(left).toEqual(['probe'])
  })

  it('ends on a parked table, which would be waited for for ever', async () => {
    const lines = join(folder, 'topics/events/0.ndjson')
    await mkdir(join(folder, 'topics/events'), { recursive: true })
    await writeFile(lines, '{"event_type":"click"}\n')
    expect(await run(new AbortController().signal)).toBe(exitCodes.ok)
    const s3 = { region: 'us-east-1', allowHttp: false }
    const store = openStore(join(folder, 'table'), s3, { clock: systemClock, random: systemRandom })
    const state = await loadState(store, new HyparquetReader())
    const info = commitInfo({ timestampMs: 1, operation: 'RESTORE', engineInfo: 'another', token: 'theirs' })
    await commitEntry(store, { version: state!.version + 1, actions: [info], token: 'theirs', readBack: false })
    await appendFile(lines, '{"event_type":"view"}\n')
    expect(await run(AbortSignal.timeout(10_000))).toBe(exitCodes.refused)
    expect(told.join('')).toContain('silt table resume')
  })

  it('serves nothing any more once a setting was refused: what still listens keeps the process', async () => {
    const port = await freePort()
    for (const wrong of [
      { DELTA_TABLE_PATH: 's3://b' },
      { KAFKA_BOOTSTRAP_SERVERS: 'nowhere' },
      { REDIS_URL: 'http://nowhere' },
    ]) {
      expect(await run(new AbortController().signal, { OPS_PORT: String(port), ...wrong })).toBe(exitCodes.usage)
      expect(await freePort(port)).toBe(port)
    }
  })
})

/** The port itself where it is free, or any that the system gives to nobody by itself: another test could get it in the meantime. */
async function freePort(wanted = 10_000 + Math.floor(Math.random() * 20_000)): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(wanted, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

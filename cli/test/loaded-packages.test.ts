import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packagesMark } from './support/tell-packages.ts'

const launcher = fileURLToPath(new URL('../bin/silt.js', import.meta.url))
const tellPackages = new URL('./support/tell-packages.ts', import.meta.url).href

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'silt-packages-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Told {
  readonly thread: 'main' | 'worker'
  readonly packages: readonly string[]
}

interface Ran {
  readonly code: number | null
  readonly told: string
  readonly main: readonly string[]
  /** One list a worker thread. */
  readonly threads: readonly (readonly string[])[]
}

async function silt(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const child = spawn(process.execPath, ['--import', tellPackages, launcher, ...argv], {
    env: {
      PATH: process.env['PATH'],
      TOPICS_DIR: join(folder, 'topics'),
      DELTA_TABLE_PATH: join(folder, 'table'),
      OPS_PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let told = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (told += String(text)))
  const [code] = (await once(child, 'close')) as [number | null]
  const all = told.split('\n').filter((line) => line.startsWith(packagesMark))
  const parsed = all.map((line) => JSON.parse(line.slice(packagesMark.length)) as Told)
  const of = (thread: Told['thread']) => parsed.filter((each) => each.thread === thread).map(({ packages }) => packages)
  return { code, told, main: of('main').flat(), threads: of('worker') }
}

/** What a pipeline of files, a folder and no Redis has no use for. */
const unused = [
  '@aws-sdk/client-s3',
  '@bull-board/api',
  '@smithy/core',
  'apache-arrow',
  'bullmq',
  'hono',
  'hyparquet',
  'ioredis',
  'kafkajs',
  'parquet-wasm',
]

describe('what a command does not use is not loaded', () => {
  it.each(['--version', '--help'])('silt %s loads the command line alone', async (option) => {
    const { code, main } = await silt([option])
    expect([code, main]).toEqual([0, ['commander']])
  })

  it('silt config print loads the settings besides', async () => {
    const { code, main } = await silt(['config', 'print'])
    expect([code, main]).toEqual([0, ['commander', 'zod']])
  })

  it('silt run of files into a folder loads no server’s client, in none of its threads', async () => {
    await silt(['demo', '--events', '3'])
    const { code, told, main, threads } = await silt(['run', '--until-idle'], { WRITER_THREADS: '1' })
    expect(code, told).toBe(0)
    expect(main).toContain('pino')
    expect(main.filter((name) => unused.includes(name))).toEqual([])
    expect(threads.length).toBeGreaterThan(0)
    for (const packages of threads) expect(packages.filter((name) => !name.startsWith('@node-rs/'))).toEqual([])
  })

  it('a service loads neither the pipeline’s clients nor those of the other', async () => {
    const collector = await silt(['run', 'collector'], { HTTP_HOST: '0.0.0.0' })
    expect([collector.code, collector.main.filter((name) => unused.includes(name))], collector.told).toEqual([2, []])
    const console = await silt(['run', 'console'])
    expect(console.told).toContain('[run/needs-redis]')
    expect(console.main).not.toContain('kafkajs')
  })

  it.each([
    ['bullmq', ['run', '--until-idle'], { REDIS_URL: 'redis://127.0.0.1:1' }],
    [
      '@aws-sdk/client-s3',
      ['table', 'show'],
      { DELTA_TABLE_PATH: 's3://bucket/t', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
    ],
  ])('%s that is missing ends the command that needs it, by its name', async (name, argv, environment) => {
    const { code, told } = await silt(argv, { ...environment, MISSING_PACKAGE: name })
    expect(code, told).toBe(1)
    expect(told).toContain(`Cannot find package '${name}'`)
  })
})

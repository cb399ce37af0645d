import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRedis } from '../servers/index.ts'
import { python } from '../support/python.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const file = join(root, 'deploy', 'compose', 'compose.yaml')
let secrets = ''

/** Docker Compose and hadolint come with the Python of the tests; neither needs an engine for what is asked here. */
function tool(
  name: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { code: number | null; output: string } {
  const program = join(dirname(python), name)
  const options = { encoding: 'utf8', timeout: 120_000, env: { ...process.env, ...environment } } as const
  const { status, stdout, stderr, error } = spawnSync(program, args, options)
  return { code: status, output: error === undefined ? stdout + stderr : String(error) }
}

const config = (profiles: readonly string[]): { code: number | null; output: string } => {
  const wanted = profiles.flatMap((profile) => ['--profile', profile])
  return tool('docker-compose', ['--file', file, ...wanted, 'config', '--quiet'], { SILT_SECRETS: secrets })
}

beforeAll(async () => {
  secrets = await mkdtemp(join(tmpdir(), 'silt-secrets-'))
  const made = spawnSync('bash', [join(root, 'deploy/compose/init-secrets.sh')], {
    encoding: 'utf8',
    env: { ...process.env, SILT_SECRETS: secrets },
  })
  expect(made.status, made.stderr).toBe(0)
})

afterAll(() => rm(secrets, { recursive: true, force: true }))

test.each([[[]], [['platform']], [['demo']], [['tools']], [['platform', 'demo', 'tools']]])(
  'docker compose config accepts the profiles %j',
  (profiles: string[]) => {
    expect(config(profiles)).toEqual({ code: 0, output: '' })
  },
)

test('without passwords docker compose says which command makes them', () => {
  const { code, output } = tool('docker-compose', ['--file', file, 'config', '--quiet'], { SILT_SECRETS: '' })
  expect(code).not.toBe(0)
  expect(output).toContain('init-secrets.sh')
})

test('every secret that compose.yaml mounts is made, unlike the others, and is for nobody else on the machine', async () => {
  const listed = tool('docker-compose', ['--file', file, '--profile', '*', 'config', '--format', 'json'], {
    SILT_SECRETS: secrets,
  })
  const parsed = JSON.parse(listed.output) as { secrets: Record<string, { file: string }> }
  const made = await readdir(secrets)
  expect(Object.values(parsed.secrets).map((secret) => secret.file.split('/').at(-1))).toEqual(
    expect.arrayContaining(made),
  )
  for (const secret of Object.values(parsed.secrets)) expect((await stat(secret.file)).size).toBeGreaterThan(8)
  expect((await stat(secrets)).mode & 0o077).toBe(0)
})

test('Redis keeps what an actor queued over a restart, although nobody may log in as the user that replays it', async () => {
  const redis = await startRedis({ acl: await readFile(join(secrets, 'redis_acl'), 'utf8'), appendOnly: true })
  try {
    const login = `AUTH writer ${await readFile(join(secrets, 'redis_writer'), 'utf8')}`
    const key = '{silt}:silt-t-write-v1:wait'
    // Two writes of one script are a transaction in the append-only file.
    const push = `redis.call('LPUSH',KEYS[1],'a') redis.call('LPUSH',KEYS[1],'b')`
    expect(await answers(redis.settings.url, [login, `EVAL "${push} return 1" 1 ${key}`])).toEqual(['+OK', ':1'])
    await redis.restart()
    expect(await answers(redis.settings.url, [login, `LLEN ${key}`])).toEqual(['+OK', ':2'])
    expect((await answers(redis.settings.url, ['PING']))[0]).toContain('NOAUTH')
    expect(await answers(redis.settings.url, ['AUTH health none', 'PING'])).toEqual(['+OK', '+PONG'])
    expect((await answers(redis.settings.url, ['AUTH health none', `LLEN ${key}`]))[1]).toContain('NOPERM')
  } finally {
    await redis.dispose()
  }
})

/** The first line of the answer to each command of one connection. */
function answers(url: string, commands: readonly string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let received = ''
    socket.on('connect', () => socket.write(`${commands.join('\r\n')}\r\n`))
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString()
      const lines = received.split('\r\n').slice(0, -1)
      if (lines.length < commands.length) return
      socket.destroy()
      resolve(lines)
    })
  })
}

test('hadolint finds nothing in the Dockerfile', () => {
  expect(tool('hadolint', [join(root, 'Dockerfile')])).toEqual({ code: 0, output: '' })
})

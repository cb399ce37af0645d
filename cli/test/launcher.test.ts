import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const launcher = fileURLToPath(new URL('../bin/silt.js', import.meta.url))

test('a SIGTERM to the whole process group, passed on by the launcher as well, still stops in order', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'silt-launcher-'))
  const child = spawn(process.execPath, [launcher, 'run'], {
    env: { ...process.env, TOPICS_DIR: folder, DELTA_TABLE_PATH: join(folder, 'table'), OPS_PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  try {
    let logged = ''
    const stopping = new Promise<void>((resolve) => {
      child.stderr?.on('data', (text) => (logged += String(text)))
      child.stdout?.on('data', (text) => {
        logged += String(text)
        if (logged.includes('holds the lease')) resolve()
      })
    })
    await Promise.race([stopping, once(child, 'exit')])
    child.send('SIGTERM')
    child.kill('SIGTERM')
    const [code] = (await once(child, 'close')) as [number | null]
    expect(code, logged).toBe(0)
    expect(logged).toContain('"stopped"')
  } finally {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
}, 120_000)

test('what was compiled is kept for the next start, or done without where it cannot be', async () => {
  const version = async (kept: string): Promise<string> => {
    const env = { PATH: process.env['PATH'], NODE_COMPILE_CACHE: kept }
    return (await promisify(execFile)(process.execPath, [launcher, '--version'], { env })).stdout
  }
  const folder = await mkdtemp(join(tmpdir(), 'silt-launcher-'))
  try {
    const first = await version(folder)
    expect(await readdir(folder)).not.toEqual([])
    expect(await version(folder)).toBe(first)
    expect(await version(join(launcher, 'folder'))).toBe(first)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}, 60_000)

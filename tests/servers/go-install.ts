import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cachedPath, ensureCached } from './cache.ts'
import { findProgram, runTool } from './tools.ts'

const BUILD_MS_MAX = 15 * 60_000

/** A Go program at a pinned version. */
export interface GoProgram {
  readonly name: string
  readonly module: string
  readonly version: string
}

/** What to install so that the program can be had, or undefined when it can. */
export function goProgramMissing(program: GoProgram): string | undefined {
  if (existsSync(cachedPath(cacheName(program))) || findProgram('go') !== undefined) return undefined
  return 'Go to build it (Debian: golang)'
}

/** The path of the built program; the first call on a machine builds it, which takes minutes. */
export async function goProgram(program: GoProgram): Promise<string> {
  const folder = await ensureCached(cacheName(program), async (scratch) => {
    const target = `${program.module}@${program.version}`
    await runTool('go', ['install', target], {
      timeoutMs: BUILD_MS_MAX,
      env: { GOBIN: scratch, GOFLAGS: '-buildvcs=false' },
    })
  })
  return join(folder, program.name)
}

function cacheName(program: GoProgram): string {
  return `${program.name}-${program.version}`
}

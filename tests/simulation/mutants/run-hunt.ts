import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Hunt } from './hunted.ts'

const run = promisify(execFile)
const huntFile = fileURLToPath(new URL('hunt.ts', import.meta.url))

/** Hunts one broken variant in a process of its own, over `runs` schedules from `seed` on. Rejects where that process fails or takes longer than `msMax`. */
export async function runHunt(name: string, seed: number, runs: number, msMax: number): Promise<Hunt> {
  const asked = ['--name', name, '--seed', String(seed), '--runs', String(runs)]
  const { stdout } = await run(process.execPath, [huntFile, ...asked], { timeout: msMax, maxBuffer: 64 * 2 ** 20 })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Hunt
}

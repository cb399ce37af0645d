import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const manifest = createRequire(import.meta.url).resolve('@informalsystems/quint/package.json')
const program = join(dirname(manifest), 'dist/src/cli.js')
const specification = fileURLToPath(new URL('commit-protocol.qnt', import.meta.url))

/** Runs Quint's own simulator; its other one would be fetched from elsewhere. Rejects with what Quint printed where it finds a fault. */
export async function quint(command: 'typecheck' | 'test' | 'run', ...options: readonly string[]): Promise<string> {
  const backend = command === 'typecheck' ? [] : ['--backend', 'typescript']
  const args = [program, command, ...backend, ...options, specification]
  const { stdout } = await run(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 })
  return stdout
}

/** A value of a trace: numbers, texts, lists (of sets and tuples too), maps, records. */
export type ItfValue = number | string | boolean | readonly ItfValue[] | ReadonlyMap<ItfValue, ItfValue> | ItfRecord
export interface ItfRecord {
  readonly [name: string]: ItfValue
}

/** Random runs of the specification, its invariants checked in every state: the states of each. */
export async function traces(bounds: {
  readonly seed: string
  readonly runs: number
  readonly steps: number
}): Promise<readonly (readonly ItfRecord[])[]> {
  const folder = await mkdtemp(join(tmpdir(), 'silt-quint-'))
  try {
    const { seed, runs, steps } = bounds
    const counts = ['--max-samples', String(runs), '--n-traces', String(runs), '--max-steps', String(steps)]
    const to = ['--out-itf', join(folder, 'run-{seq}.itf.json'), '--verbosity', '0']
    await quint('run', '--invariant', 'invariants', '--seed', seed, ...counts, ...to)
    const files = await readdir(folder)
    return await Promise.all(files.sort().map(async (file) => statesOf(await readFile(join(folder, file), 'utf8'))))
  } finally {
    await rm(folder, { recursive: true })
  }
}

function statesOf(text: string): readonly ItfRecord[] {
  const { states } = JSON.parse(text) as { readonly states: readonly unknown[] }
  return states.map((state) => decoded(state) as ItfRecord)
}

/** The Informal Trace Format: `#bigint`, `#set`, `#tup` and `#map` stand for what JSON lacks. */
function decoded(value: unknown): ItfValue {
  if (Array.isArray(value)) return value.map(decoded)
  if (typeof value !== 'object' || value === null) return value as ItfValue
  const entries = Object.entries(value as Readonly<Record<string, unknown>>)
  const [name, inner] = entries[0] ?? []
  switch (name) {
    case '#bigint':
      return Number(inner)
    case '#set':
    case '#tup':
      return (inner as readonly unknown[]).map(decoded)
    case '#map':
      return new Map((inner as readonly [unknown, unknown][]).map(([key, each]) => [decoded(key), decoded(each)]))
    default:
      return Object.fromEntries(entries.map(([key, each]) => [key, decoded(each)]))
  }
}

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Bucket } from '../ports/bucket.ts'
import { ServerQueue } from '../ports/redis.ts'
import { operationOf } from './coverage.ts'
import { parseName } from './crash-point.ts'
import { askedOperations } from './port-methods.ts'
import { referenceOf, runSwept } from './run-swept.ts'
import { scenarios } from './scenarios.ts'
import { sweep, tellFinding } from './sweep.ts'

const run = promisify(execFile)

afterEach(() => void vi.restoreAllMocks())

test('every process dies at every port call, before it, when it is done and after it: all holds and settles', async () => {
  const { coverage, findings, runs } = await sweep(scenarios)
  console.log(`crash sweep: ${runs} runs; ${coverage.summary}`)
  expect(findings.map(tellFinding)).toEqual([])
  expect(coverage.isWhole).toBe(true)
  expect(coverage.total.points).toBe(runs)
  const swept = coverage.operations.map((name) => name.slice(name.indexOf(' ') + 1))
  expect([...new Set(swept)].toSorted()).toEqual(askedOperations())
})

describe('the sweep finds what only a death breaks', () => {
  test.each([
    ['txn-unchecked', 'I2-twice'],
    ['file-names-reused', 'I6-file-replaced'],
  ])('%s', async (name, promise) => {
    const hunt = fileURLToPath(new URL('hunt.ts', import.meta.url))
    const { stdout } = await run(process.execPath, [hunt, '--name', name, '--scenario', 'dead-letters'])
    const found = JSON.parse(stdout) as { readonly deaths: number; readonly names: string[]; readonly told: string[] }
    expect(found.deaths).toBe(1)
    expect(found.names).toContain(promise)
    const told = found.told[0]?.split(' ')[0]
    expect(parseName(told ?? '')).toMatchObject({ scenario: 'dead-letters', deaths: [{}] })
  })
})

test('the scenarios show what they are for', async () => {
  const outcomes = new Map<string, Set<string>>()
  const seen = new Set<string>()
  const finish = vi.spyOn(ServerQueue.prototype, 'finish')
  const put = vi.spyOn(Bucket.prototype, 'putIfAbsent')
  const putAny = vi.spyOn(Bucket.prototype, 'put')
  for (const [name, scenario] of scenarios) {
    const { asked } = await referenceOf(scenario)
    const results = finish.mock.calls.map(([, result]) => (result as { readonly outcome: string }).outcome)
    const lost = await Promise.all(
      put.mock.results.map(async ({ value }) => ((await value) as { readonly kind: string }).kind === 'exists'),
    )
    const conflicts = put.mock.calls.filter((_, index) => lost[index]).map(([, , by]) => `${kindOf(by)} conflict`)
    outcomes.set(name, new Set([...results, ...conflicts]))
    for (const [key] of putAny.mock.calls) if (key.includes('.checkpoint')) outcomes.get(name)?.add('checkpoint')
    for (const [, , by] of put.mock.calls) outcomes.get(name)?.add(`${by} commits`)
    for (const call of asked) seen.add(operationOf(call))
    vi.clearAllMocks()
  }
  const of = (name: string): ReadonlySet<string> => outcomes.get(name) ?? new Set()
  expect(of('checkpoints')).toContain('checkpoint')
  expect(of('two-committers')).toContain('committer conflict')
  expect(of('two-committers')).toContain('committer-2#1 commits')
  expect(of('another-engine')).toContain('committer conflict')
  expect(of('stale-units')).toContain('stale')
  expect(of('stale-units')).toContain('behind')
  expect(of('stops')).toContain('committer-2#1 commits')
  expect(of('operator')).toContain('operator-1#1 commits')
  expect(of('operator')).toContain('operator-1#2 commits')
  expect(of('parked')).toContain('operator-1#1 commits')
  expect(seen).toContain('committer lease.release')
})

test('a death that does not come is told, and a run is the same twice', async () => {
  const [[name, scenario] = []] = scenarios
  if (name === undefined || scenario === undefined) throw new Error('there are no scenarios')
  const far = { process: 'writer-1#1', index: 100_000, when: 'unsent' } as const
  expect((await runSwept(scenario, [far])).died).toEqual([])
  const death = { process: 'committer-1#1', index: 30, when: 'unheard' } as const
  const [first, second] = [await runSwept(scenario, [death]), await runSwept(scenario, [death])]
  expect(first.died).toHaveLength(1)
  expect(second.outcome.digest).toBe(first.outcome.digest)
})

function kindOf(process: string): string {
  return process.slice(0, process.indexOf('-'))
}

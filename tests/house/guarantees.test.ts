import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { themes } from '../simulation/themes.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const rows = readFileSync(join(root, 'docs/guarantees.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| promise'))
const provedBy = rows.map((row) => row.split(' | ').at(-1) ?? '')

test('every promise names what proves it', () => {
  expect(rows.length).toBeGreaterThan(15)
  for (const proof of provedBy) expect(proof).toMatch(/simulat|chaos|model|sweep|`\w+\//)
})

test('tests that guarantees.md names exist', () => {
  const named = provedBy.flatMap((proof) => [...proof.matchAll(/`((?:tests|services|shared|cli)\/[^`]+)`/g)])
  const missing = named
    .map((match) => match[1] ?? '')
    .filter((path) => !existsSync(join(root, path)) && globSync(`${path}.*test.ts`, { cwd: root }).length === 0)
  expect(named.length).toBeGreaterThan(10)
  expect(missing).toEqual([])
})

test('themes of the simulation that guarantees.md names exist', () => {
  const named = provedBy.flatMap((proof) => [...proof.matchAll(/\*([^*]+)\*/g)].map((match) => match[1] ?? ''))
  expect(named.length).toBeGreaterThan(15)
  expect(named.filter((name) => !themes.has(name))).toEqual([])
})

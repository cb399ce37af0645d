import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { patchedSource } from './load-mutant.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

const patch = {
  file: 'services/committer/src/dead-letter-projection.ts',
  find: 'applied < recorded ?',
  replace: 'applied !== recorded ?',
}

test('the broken source is what later imports get, and no other file is touched', async () => {
  const printed = await printedBy(`
    const { loadMutant } = await import('./tests/mutation/load-mutant.ts')
    const mutant = loadMutant(${JSON.stringify(patch)})
    const before = mutant.isUsed()
    const { pendingRecord } = await import('./${patch.file}')
    console.log(JSON.stringify([before, mutant.isUsed(), pendingRecord.toString().includes('applied !== recorded')]))
  `)
  expect(printed).toEqual([false, true, true])
})

test('a patch that fits no place or two places is refused', () => {
  expect(() => patchedSource('a b', { ...patch, find: 'c' })).toThrow(/0 times/)
  expect(() => patchedSource('a a', { ...patch, find: 'a' })).toThrow(/2 times/)
  expect(patchedSource('a b', { ...patch, find: 'b', replace: '$&' })).toBe('a $&')
})

async function printedBy(program: string): Promise<unknown> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: root })
  return JSON.parse(stdout)
}

import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isAllowed, licenceFaults } from '../../scripts/licences.js'
import { findings, newFolder, root } from './run-check.ts'

const program = (name: string): string => join(root, 'node_modules', '.bin', name)

const PROJECT = {
  'package.json': '{"name":"silt","private":true,"type":"module","workspaces":["shared/*","cli"]}',
  'shared/core/package.json': '{"name":"@silt/core","type":"module","exports":{".":"./src/index.ts"}}',
  'cli/package.json': '{"name":"@silt/cli","type":"module","dependencies":{"@silt/core":"0.1.0"}}',
  'cli/src/main.ts': "import { used } from '@silt/core'\nimport { x } from './x.ts'\nconsole.log(used, x)\n",
  'cli/src/x.ts': 'export const x = 1\n',
  'shared/core/src/index.ts': "export { used } from './used.ts'\n",
  'shared/core/src/used.ts': 'export const used = 1\n',
}

async function knip(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await newFolder({ ...PROJECT, ...files }, { 'node_modules/@silt/core': '../../shared/core' })
  await copyFile(join(root, 'knip.jsonc'), join(folder, 'knip.jsonc'))
  const { code, output } = findings(
    program('knip'),
    ['--no-progress', '--no-config-hints', '--reporter', 'compact'],
    folder,
  )
  expect(code).toBe(output.trim() === '' ? 0 : 1)
  return output
}

test('dead exports: a project without one passes', async () => {
  expect(await knip({})).toBe('')
})

test('dead exports: an export of a package that nobody imports is refused', async () => {
  const files = { 'shared/core/src/index.ts': "export { used, unused } from './used.ts'\n" }
  expect(
    await knip({ ...files, 'shared/core/src/used.ts': 'export const used = 1\nexport const unused = 2\n' }),
  ).toContain('unused')
})

test('dead exports: a file that nobody imports is refused', async () => {
  expect(await knip({ 'shared/core/src/forgotten.ts': 'export const f = 1\n' })).toContain('forgotten.ts')
})

test('dead exports: a dependency that is used but not declared is refused', async () => {
  expect(await knip({ 'cli/src/x.ts': "import { z } from 'zod'\nexport const x = z\n" })).toContain('zod')
})

test('dead exports: a dependency that is declared but not used is refused', async () => {
  const cli = '{"name":"@silt/cli","type":"module","dependencies":{"@silt/core":"0.1.0","zod":"4.6.7"}}'
  expect(await knip({ 'cli/package.json': cli })).toContain('zod')
})

test('format: a semicolon is refused', async () => {
  const folder = await newFolder({
    'a.ts': 'export const a = 1;\n',
    '.prettierrc.json': await readFile(join(root, '.prettierrc.json'), 'utf8'),
  })
  expect(findings(program('prettier'), ['--check', 'a.ts'], folder).code).toBe(1)
})

test('types: syntax that Node cannot erase, unchecked indexing and wrong types are refused', async () => {
  const source = [
    'export enum E { A }',
    'export const second = (list: string[]): string => list[1]',
    'export const n: number = "text"',
    'export class C { constructor(readonly x: number) {} }',
    'export const o: { a?: number } = { a: undefined }',
  ]
  const folder = await newFolder({
    'a.ts': source.join('\n'),
    'tsconfig.base.json': await readFile(join(root, 'tsconfig.base.json'), 'utf8'),
    'tsconfig.json': '{"extends":"./tsconfig.base.json","files":["a.ts"]}',
  })
  const { output } = findings(program('tsc'), ['-p', 'tsconfig.json'], folder)
  const lines = [...output.matchAll(/^a\.ts\((\d+),/gm)].map((match) => Number(match[1]))
  expect([...new Set(lines)]).toEqual([1, 2, 3, 4, 5])
})

test('licences: a shipped package without an allowed licence is refused', () => {
  const faults = licenceFaults({
    packages: {
      '': {},
      'node_modules/fine': { version: '1.0.0', license: 'MIT' },
      'node_modules/copyleft': { version: '1.0.0', license: 'AGPL-3.0-only' },
      'node_modules/unstated': { version: '2.0.0' },
      'node_modules/only-for-development': { version: '1.0.0', license: 'GPL-3.0-only', dev: true },
    },
  })
  expect(faults).toEqual([
    'node_modules/copyleft@1.0.0: AGPL-3.0-only',
    'node_modules/unstated@2.0.0: no licence stated',
  ])
})

test('licences: a choice needs one allowed side, a conjunction all of them', () => {
  expect(isAllowed('(MIT OR GPL-3.0-only)')).toBe(true)
  expect(isAllowed('MIT AND GPL-3.0-only')).toBe(false)
})

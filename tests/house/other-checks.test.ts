import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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

test('licences: a package whose licence does not allow its use is named, and more is allowed to tools', () => {
  const packages = {
    '': {},
    'node_modules/fine': { version: '1.0.0', license: 'MIT' },
    'node_modules/copyleft': { version: '1.0.0', license: 'AGPL-3.0-only' },
    'node_modules/unstated': { version: '2.0.0' },
    'node_modules/mozilla': { version: '1.0.0', license: 'MPL-2.0' },
    'node_modules/tool': { version: '1.0.0', license: 'MPL-2.0', dev: true },
    'node_modules/copyleft-tool': { version: '1.0.0', license: 'GPL-3.0-only', dev: true },
    'node_modules/@silt/core': { resolved: 'shared/core', link: true },
  }
  expect(licenceFaults({ packages })).toEqual([
    'node_modules/copyleft@1.0.0 (ships): AGPL-3.0-only',
    'node_modules/unstated@2.0.0 (ships): no licence stated',
    'node_modules/mozilla@1.0.0 (ships): MPL-2.0',
    'node_modules/copyleft-tool@1.0.0 (tool): GPL-3.0-only',
  ])
})

test('licences: what is installed is believed rather than the lock file, in old spellings too', () => {
  const packages = {
    'node_modules/changed': { version: '1.0.0', license: 'MIT' },
    'node_modules/old': { version: '1.0.0' },
  }
  const manifests: Readonly<Record<string, unknown>> = {
    'node_modules/changed': { license: 'BUSL-1.1' },
    'node_modules/old': { licenses: [{ type: 'MIT' }, { type: 'GPL-2.0' }] },
  }
  expect(licenceFaults({ packages }, (path: string) => manifests[path])).toEqual([
    'node_modules/changed@1.0.0 (ships): BUSL-1.1',
  ])
})

test('licences: a choice needs one allowed side, a conjunction all of them', () => {
  expect(isAllowed('(MIT OR GPL-3.0-only)')).toBe(true)
  expect(isAllowed('Apache 2.0')).toBe(true)
  expect(isAllowed('MIT AND GPL-3.0-only')).toBe(false)
})

/** The audit of a project with one dependency, asked of a registry that answers `status` and `advisories`. */
async function audit(status: number, advisories: unknown, env: Readonly<Record<string, string>> = {}): Promise<number> {
  const dependencies = { risky: '1.0.0' }
  const lock = {
    name: 'p',
    lockfileVersion: 3,
    packages: { '': { name: 'p', dependencies }, 'node_modules/risky': { version: '1.0.0' } },
  }
  const folder = await newFolder(
    { 'package.json': JSON.stringify({ name: 'p', dependencies }), 'package-lock.json': JSON.stringify(lock) },
    {},
  )
  const registry = createServer((request, response) => {
    const isAudit = request.method === 'POST'
    response.writeHead(isAudit ? status : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isAudit ? advisories : {}))
  })
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve))
  const { port } = registry.address() as AddressInfo
  const npm = { npm_config_registry: `http://127.0.0.1:${port}/`, npm_config_fetch_retries: '0', NO_PROXY: '127.0.0.1' }
  const child = spawn(process.execPath, [join(root, 'scripts/audit.js'), folder], {
    env: { ...process.env, ...npm, npm_config_cache: join(folder, 'cache'), ...env },
    stdio: 'ignore',
  })
  const [code] = (await once(child, 'close')) as [number]
  registry.close()
  return code
}

const advisory = { id: 1, url: 'https://example.invalid/1', title: 'bad', vulnerable_versions: '<2', cwe: [] }

test('dependency audit: a vulnerability of a shipped package is a fault, none is none', async () => {
  expect(await audit(200, { risky: [{ ...advisory, severity: 'high' }] })).toBe(1)
  expect(await audit(200, { risky: [{ ...advisory, severity: 'low' }] })).toBe(0)
  expect(await audit(200, {})).toBe(0)
})

test('dependency audit: a registry that does not answer is said, and is a fault where the audit is required', async () => {
  expect(await audit(405, {})).toBe(3)
  expect(await audit(405, {}, { SILT_AUDIT: 'required' })).toBe(1)
})

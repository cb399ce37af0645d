import { fileURLToPath } from 'node:url'
import { basename, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { findings, newFolder, root } from './run-check.ts'

const config = fileURLToPath(new URL('../../.dependency-cruiser.js', import.meta.url))

/** Imports that break exactly the named rule; `-` is an allowed one. */
const IMPORTS: readonly (readonly [rule: string, from: string, to: string])[] = [
  ['-', 'shared/delta/src/a.ts', 'shared/core/src/b.ts'],
  ['-', 'shared/queue/src/a.ts', 'shared/contracts/src/b.ts'],
  ['-', 'shared/rows/src/a.ts', 'shared/expressions/src/b.ts'],
  ['-', 'shared/dataplane/src/a.ts', 'shared/rows/src/b.ts'],
  ['-', 'shared/delta/test/a.test.ts', 'shared/object-store/src/b.ts'],
  ['-', 'services/writer/src/a.ts', 'shared/parquet/src/b.ts'],
  ['-', 'cli/src/a.ts', 'services/writer/src/b.ts'],
  ['-', 'tests/e2e/a.ts', 'cli/src/b.ts'],
  ['core-imports-nothing', 'shared/core/src/a.ts', 'shared/config/src/b.ts'],
  ['siblings-import-core-only', 'shared/delta/src/a.ts', 'shared/parquet/src/b.ts'],
  ['siblings-import-core-only', 'shared/delta/src/a.ts', 'services/writer/src/b.ts'],
  ['queue-imports-core-and-contracts-only', 'shared/queue/src/a.ts', 'shared/rows/src/b.ts'],
  ['siblings-import-core-only', 'shared/expressions/src/a.ts', 'shared/contracts/src/b.ts'],
  ['rows-import-core-contracts-and-expressions-only', 'shared/rows/src/a.ts', 'shared/delta/src/b.ts'],
  ['dataplane-imports-core-contracts-and-rows-only', 'shared/dataplane/src/a.ts', 'shared/parquet/src/b.ts'],
  ['services-do-not-know-each-other', 'services/writer/src/a.ts', 'services/committer/src/b.ts'],
  ['services-do-not-know-each-other', 'services/writer/src/a.ts', 'cli/src/b.ts'],
  ['cli-does-not-know-tests', 'cli/src/a.ts', 'tests/servers/b.ts'],
  ['tests-of-a-package-stay-below-services', 'shared/delta/test/a.ts', 'services/writer/src/b.ts'],
  ['shipped-code-does-not-import-tests', 'shared/delta/src/a.ts', 'shared/delta/test/b.ts'],
  ['no-unresolved', 'shared/delta/src/a.ts', 'shared/delta/src/missing.ts'],
  ['no-cycles', 'shared/core/src/b.ts', 'shared/core/src/a.ts'],
]

/** The same name twice in one folder would be one file. */
function numbered(path: string, index: number): string {
  return path.replace(/(?=(\.test)?\.ts$)/, String(index))
}

const broken = new Map<string, Set<string>>()

beforeAll(async () => {
  const files: Record<string, string> = { 'package.json': '{"type":"module"}' }
  for (const [index, [rule, fromPath, toPath]] of IMPORTS.entries()) {
    const [from, to] = [numbered(fromPath, index), numbered(toPath, index)]
    files[from] = `export { x } from '${'../'.repeat(from.split('/').length - 1)}${to}'\n`
    if (rule === 'no-cycles') files[to] = `export { x } from './${basename(from)}'\n`
    else if (rule !== 'no-unresolved') files[to] = 'export const x = 1\n'
  }
  const folder = await newFolder(files)
  const args = ['--config', config, '--output-type', 'json', 'shared', 'services', 'cli', 'tests']
  const { output } = findings(join(root, 'node_modules', '.bin', 'depcruise'), args, folder)
  const report = JSON.parse(output) as {
    summary: { violations: { from: string; to: string; rule: { name: string } }[] }
  }
  for (const { from, to, rule } of report.summary.violations) {
    // A cycle is told once, from either of its ends.
    for (const file of [from, to]) broken.set(file, (broken.get(file) ?? new Set()).add(rule.name))
  }
})

for (const [index, [rule, from, to]] of IMPORTS.entries()) {
  test(`${rule === '-' ? 'allows' : rule}: ${from} → ${to}`, () => {
    expect([...(broken.get(numbered(from, index)) ?? [])]).toEqual(rule === '-' ? [] : [rule])
  })
}

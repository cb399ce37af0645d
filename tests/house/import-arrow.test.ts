import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { findings, newFolder, root } from './run-check.ts'

const config = fileURLToPath(new URL('../../.dependency-cruiser.js', import.meta.url))

/** Imports that break exactly the named rule; `-` is an allowed one. */
const IMPORTS: readonly (readonly [rule: string, from: string, to: string])[] = [
  ['-', 'shared/delta/src/a.ts', 'shared/core/src/b.ts'],
  ['-', 'shared/queue/src/a.ts', 'shared/contracts/src/b.ts'],
  ['-', 'shared/delta/test/a.test.ts', 'shared/object-store/src/b.ts'],
  ['-', 'services/writer/src/a.ts', 'shared/parquet/src/b.ts'],
  ['-', 'cli/src/a.ts', 'services/writer/src/b.ts'],
  ['-', 'tests/e2e/a.ts', 'cli/src/b.ts'],
  ['core-imports-nothing', 'shared/core/src/a.ts', 'shared/config/src/b.ts'],
  ['siblings-import-core-only', 'shared/delta/src/a.ts', 'shared/parquet/src/b.ts'],
  ['siblings-import-core-only', 'shared/delta/src/a.ts', 'services/writer/src/b.ts'],
  ['queue-and-rows-import-core-and-contracts-only', 'shared/rows/src/a.ts', 'shared/delta/src/b.ts'],
  ['services-do-not-know-each-other', 'services/writer/src/a.ts', 'services/committer/src/b.ts'],
  ['services-do-not-know-each-other', 'services/writer/src/a.ts', 'cli/src/b.ts'],
  ['cli-does-not-know-tests', 'cli/src/a.ts', 'tests/servers/b.ts'],
  ['tests-of-a-package-stay-below-services', 'shared/delta/test/a.ts', 'services/writer/src/b.ts'],
  ['shipped-code-does-not-import-tests', 'shared/delta/src/a.ts', 'shared/delta/test/b.ts'],
  ['no-unresolved', 'shared/delta/src/a.ts', 'shared/delta/src/missing.ts'],
  ['no-cycles', 'shared/core/src/b.ts', 'shared/core/src/a.ts'],
]

for (const [rule, from, to] of IMPORTS) {
  test(`${rule === '-' ? 'allows' : rule}: ${from} → ${to}`, async () => {
    const up = '../'.repeat(from.split('/').length - 1)
    const target = `export { x } from '${up}${to}'\n`
    const leaf =
      rule === 'no-cycles' ? `export { x } from './${from.split('/').at(-1) ?? ''}'\n` : 'export const x = 1\n'
    const files = { [from]: target, ...(rule === 'no-unresolved' ? {} : { [to]: leaf }) }
    const folder = await newFolder({ ...files, 'package.json': '{"type":"module"}' })
    const tops = [...new Set(Object.keys(files).map((file) => file.split('/')[0] ?? ''))]
    const args = ['--config', config, '--output-type', 'json', ...tops]
    const { output } = findings(`${root}/node_modules/.bin/depcruise`, args, folder)
    const report = JSON.parse(output) as { summary: { violations: { rule: { name: string } }[] } }
    const broken = [...new Set(report.summary.violations.map((violation) => violation.rule.name))]
    expect(broken).toEqual(rule === '-' ? [] : [rule])
  })
}

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
/** What a test makes a table of Silt's with. */
const makesTable = /\b(?:deployment\(|startComposePlatform\(|new EmbeddedTable\()/
const checksTable = /\b(?:expectSoundTable|expectSound|expectExactlyOnce|expectSettled)\(/

test('every test file that makes a table ends with the checker', () => {
  const files = globSync('{browser,conformance,e2e,integration,spark}/**/*.test.ts', { cwd: root })
  const making = files.filter((file) => makesTable.test(readFileSync(join(root, file), 'utf8')))
  expect(making.length).toBeGreaterThan(15)
  expect(making.filter((file) => !checksTable.test(readFileSync(join(root, file), 'utf8')))).toEqual([])
})

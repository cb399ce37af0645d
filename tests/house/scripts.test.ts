import { expect, test } from 'vitest'
import { isRightNode } from '../../cli/bin/right-node.js'
import { isInstalled } from '../../scripts/install.js'
import { addUp } from '../../scripts/vitest-counts.js'
import { newFolder } from './run-check.ts'

test('the launcher takes 24.12 and newer, nothing older', () => {
  expect(['24.12.0', '24.21.0', '25.0.0', '30.1.0'].map(isRightNode)).toEqual([true, true, true, true])
  expect(['18.20.0', '20.20.2', '22.30.0', '24.11.1'].map(isRightNode)).toEqual([false, false, false, false])
})

const LOCK = {
  '': { version: '0.1.0' },
  cli: { version: '0.1.0' },
  'node_modules/@silt/cli': { resolved: 'cli', link: true },
  'node_modules/shipped': { version: '1.0.0' },
  'node_modules/tool': { version: '2.0.0', dev: true },
  'node_modules/other-platform': { version: '3.0.0', optional: true },
}

async function installed(packages: Readonly<Record<string, unknown>>, dev: boolean): Promise<boolean> {
  const files = {
    'package-lock.json': JSON.stringify({ packages: LOCK }),
    'node_modules/.package-lock.json': JSON.stringify({ packages }),
  }
  return isInstalled({ dev }, await newFolder(files, {}))
}

test('an install without development packages is enough to start, not to test', async () => {
  const { 'node_modules/tool': _tool, 'node_modules/other-platform': _other, ...shipped } = LOCK
  expect(await installed(shipped, false)).toBe(true)
  expect(await installed(shipped, true)).toBe(false)
  expect(await installed(LOCK, true)).toBe(true)
})

test('a package of another version, a missing one and a missing install are installed again', async () => {
  expect(await installed({ ...LOCK, 'node_modules/shipped': { version: '0.9.0' } }, false)).toBe(false)
  expect(await installed({ 'node_modules/shipped': { version: '1.0.0' } }, false)).toBe(false)
  expect(
    isInstalled({ dev: false }, await newFolder({ 'package-lock.json': JSON.stringify({ packages: LOCK }) }, {})),
  ).toBe(false)
})

test('a test file that cannot be loaded counts as a failure', () => {
  const counts = { numPassedTests: 3, numFailedTests: 1, numPendingTests: 1, numTodoTests: 1 }
  const unloaded = { status: 'failed', assertionResults: [] }
  const failing = { status: 'failed', assertionResults: [{}] }
  expect(
    addUp([
      { ...counts, testResults: [unloaded, failing] },
      { ...counts, testResults: [] },
    ]),
  ).toEqual({
    passed: 6,
    failed: 3,
    skipped: 4,
  })
})

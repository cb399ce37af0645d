import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isRightNode } from '../../cli/bin/right-node.js'
import { isInstalled } from '../../scripts/install.js'
import FailureDetails from '../../scripts/failure-details.js'
import { failureLines } from '../../scripts/failure-lines.js'
import { addUp, countTests, failedTests } from '../../scripts/vitest-counts.js'
import { newFolder, root } from './run-check.ts'

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
  const failing = { status: 'failed', assertionResults: [{ status: 'failed' }] }
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

const FAILED_REPORT = {
  numPassedTests: 1,
  numFailedTests: 1,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [
    {
      name: join(root, 'shared/a/test/a.test.ts'),
      status: 'failed',
      assertionResults: [
        { status: 'passed', fullName: 'a is fine' },
        {
          status: 'failed',
          fullName: 'a is broken',
          failureMessages: [
            '\u001b[31mAssertionError: expected 1 to be 2\u001b[39m\n    at a.test.ts:3:1\n    at run (file:///x/node_modules/v.js:1:1)',
          ],
        },
      ],
    },
    { name: join(root, 'shared/b/test/b.test.ts'), status: 'failed', message: 'SyntaxError: b', assertionResults: [] },
  ],
}

test('the last lines of npm test name each failed test with its file and error', async () => {
  const counts = await countTests((folder: string) => {
    writeFileSync(join(folder, '1.json'), JSON.stringify(FAILED_REPORT))
    return Promise.resolve(1)
  })
  expect(counts).toMatchObject({ passed: 1, failed: 2 })
  expect(failureLines([{ name: 'unit', counts }, { name: 'e2e' }])).toEqual([
    'FAILED unit > shared/a/test/a.test.ts > a is broken',
    '  AssertionError: expected 1 to be 2',
    '      at a.test.ts:3:1',
    'FAILED unit > shared/b/test/b.test.ts > could not be loaded or set up',
    '  SyntaxError: b',
  ])
})

test('of a failed test the cause and the difference are told, also where an error around them is long', () => {
  const frames = 'Error\n    at /x/node_modules/v.js:1:1\n    at /here/a.test.ts:3:1'
  const context = Array.from({ length: 40 }, (_, n) => `    ${n},`)
  const difference = [...context, '-   "code": 2,', '+   "code": 1,', ...context].join('\n')
  const cause = { message: `${'log line\n'.repeat(50)}: expected a to equal b`, diff: difference, stack: frames }
  const failure = { name: 'ends', file: 'x', error: '', details: [{ message: 'log line\n'.repeat(500), cause }] }
  for (const [failures, linesMax] of [
    [[failure], 30],
    [[failure, failure], 30],
  ] as const) {
    const lines = failureLines([{ name: 'e2e', counts: { failures: [...failures] } }])
    expect(lines.length).toBeLessThanOrEqual(linesMax)
    for (const line of [
      '  : expected a to equal b',
      '      at /here/a.test.ts:3:1',
      '  -   "code": 2,',
      '  +   "code": 1,',
    ])
      expect(lines.filter((each) => each === line)).toHaveLength(failures.length)
  }
})

test('vitest leaves what was expected beside each failed test', () => {
  const error = { name: 'AssertionError', message: 'expected 1 to be 2', diff: '- 2\n+ 1', cause: new Error('why') }
  const meta: Record<string, unknown> = {}
  const failed = { meta: () => meta, result: () => ({ errors: [error] }) }
  new FailureDetails().onTestRunEnd([{ children: { allTests: () => [failed] } }])
  expect(meta['failures']).toMatchObject([
    { message: 'AssertionError: expected 1 to be 2', diff: '- 2\n+ 1', cause: { message: 'Error: why' } },
  ])
})

test('a run that fails without a failed test is one failure, and says its exit code', async () => {
  const counts = await countTests(() => Promise.resolve(124))
  expect(counts).toMatchObject({ passed: 0, failed: 1 })
  expect(failureLines([{ name: 'unit', counts }]).join()).toContain('exit 124')
})

test('many failures with long errors stay a page', () => {
  const [, unloaded] = failedTests([FAILED_REPORT])
  const long = { ...unloaded!, error: `${'x'.repeat(10_000)}\n`.repeat(100) }
  const lines = failureLines([{ name: 'unit', counts: { failures: Array.from({ length: 500 }, () => long) } }])
  expect(lines.length).toBeLessThan(300)
  expect(lines.join('\n').length).toBeLessThan(100_000)
  expect(lines.at(-1)).toBe('and 480 more')
})

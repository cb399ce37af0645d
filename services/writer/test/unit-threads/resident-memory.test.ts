import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('a process whose threads had a record of 16 MB is as small afterwards as it was: the thread lets go of its plane', async () => {
  const script = fileURLToPath(new URL('../support/large-record-process.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script])
  const { before, after, replaced } = JSON.parse(stdout) as Record<'before' | 'after' | 'replaced', number>
  expect(replaced).toBeGreaterThan(0)
  // MiB. The record is there several times while it is decoded and encoded: some 130 in all.
  expect(after - before).toBeLessThan(60)
  expect(after).toBeLessThan(400)
})

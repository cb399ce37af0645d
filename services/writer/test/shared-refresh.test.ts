import { expect, test } from 'vitest'
import { sharedRefresh } from '../src/shared-refresh.ts'

test('callers during a run share the one that begins after it', async () => {
  const gates: (() => void)[] = []
  const refresh = sharedRefresh(() => new Promise((resolve) => gates.push(resolve)))
  const [first, second, third] = [refresh(), refresh(), refresh()]
  expect(gates).toHaveLength(1)
  gates[0]?.()
  await first
  await new Promise((resolve) => setImmediate(resolve))
  expect(gates).toHaveLength(2)
  gates[1]?.()
  await Promise.all([second, third])
})

test('a failed run fails its callers and not the next ones', async () => {
  let runs = 0
  const refresh = sharedRefresh(() => (++runs === 1 ? Promise.reject(new Error('away')) : Promise.resolve()))
  const [first, second] = [refresh(), refresh()]
  await expect(first).rejects.toThrow('away')
  await second
  expect(runs).toBe(2)
})

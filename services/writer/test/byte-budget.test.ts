import { expect, test } from 'vitest'
import { ByteBudget } from '../src/byte-budget.ts'

const never = new AbortController().signal

test('a younger job waits until an older one gives its bytes back', async () => {
  const budget = new ByteBudget(100)
  const [first, second] = [budget.open(), budget.open()]
  await first.take(80, never)
  let isIn = false
  const taking = second.take(30, never).then(() => (isIn = true))
  await Promise.resolve()
  expect(isIn).toBe(false)
  first.release()
  await taking
  expect(budget.usedBytes).toBe(30)
})

test('the oldest job is never kept waiting, so jobs that hold parts cannot wait for each other', async () => {
  const budget = new ByteBudget(100)
  const [first, second] = [budget.open(), budget.open()]
  await second.take(90, never)
  await first.take(90, never)
  expect(budget.usedBytes).toBe(180)
  const taking = second.take(50, never)
  first.release()
  await taking
  expect(budget.usedBytes).toBe(140)
})

test('an aborted wait ends', async () => {
  const budget = new ByteBudget(10)
  const stop = new AbortController()
  budget.open()
  const taking = budget.open().take(20, stop.signal)
  stop.abort()
  await taking
})

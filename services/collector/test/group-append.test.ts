import { SiltError } from '@silt/core'
import { expect, test } from 'vitest'
import { GroupAppend } from '../src/group-append.ts'

const never = new AbortController().signal

/** Writes that end when they are told to. */
function heldWrites(): {
  readonly writes: (readonly string[])[]
  readonly write: (items: readonly string[]) => Promise<never[]>
  readonly letGo: () => void
} {
  const writes: (readonly string[])[] = []
  const waiting: (() => void)[] = []
  return {
    writes,
    write: (items) => {
      writes.push(items)
      return new Promise((resolve) => waiting.push(() => resolve([])))
    },
    letGo: () => waiting.shift()?.(),
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('what arrives while one write runs shares the next, in order', async () => {
  const { writes, write, letGo } = heldWrites()
  const appends = new GroupAppend({ write, groupBytesMax: 100 })
  const ends = ['a', 'b', 'c'].map((item) => appends.add([item], 1, never))
  await turn()
  expect(writes).toEqual([['a']])
  letGo()
  await turn()
  expect(writes).toEqual([['a'], ['b', 'c']])
  letGo()
  expect(await Promise.all(ends)).toEqual([[], [], []])
  await appends.idle()
})

test('a group ends before it would be larger than its bound; one add may be larger', async () => {
  const writes: (readonly string[])[] = []
  const appends = new GroupAppend<string>({
    write: async (items) => {
      writes.push(items)
      await turn()
      return []
    },
    groupBytesMax: 10,
  })
  await Promise.all([6, 6, 4, 25, 1].map((bytes) => appends.add([String(bytes)], bytes, never)))
  expect(writes).toEqual([['6'], ['6', '4'], ['25'], ['1']])
})

test('each add hears of its own failures, by its own positions', async () => {
  const error = new SiltError('data', 'test/bad', 'bad')
  const appends = new GroupAppend<string>({
    write: async (items) => {
      await turn()
      return items.flatMap((item, index) => (item === 'bad' ? [{ index, error }] : []))
    },
    groupBytesMax: 100,
  })
  const ends = [['a'], ['b', 'bad'], ['c'], ['bad']].map((items) => appends.add(items, 1, never))
  expect(await Promise.all(ends)).toEqual([[], [{ index: 1, error }], [], [{ index: 0, error }]])
})

test('a write that throws failed for all of its group, and the next one is tried', async () => {
  let writes = 0
  const appends = new GroupAppend<string>({
    write: () =>
      writes++ === 0 ? Promise.reject(new SiltError('ambiguous', 'test/lost', 'lost')) : Promise.resolve([]),
    groupBytesMax: 100,
  })
  const [first, second] = await Promise.all([appends.add(['a', 'b'], 1, never), appends.add(['c'], 1, never)])
  expect(first.map(({ index, error }) => [index, error.code])).toEqual([
    [0, 'test/lost'],
    [1, 'test/lost'],
  ])
  expect(second).toEqual([])
})

test('what was given up before its turn is not written', async () => {
  const { writes, write, letGo } = heldWrites()
  const appends = new GroupAppend({ write, groupBytesMax: 100 })
  const first = appends.add(['a'], 1, never)
  const givenUp = new AbortController()
  const second = appends.add(['b'], 1, givenUp.signal)
  givenUp.abort()
  letGo()
  expect(await first).toEqual([])
  expect((await second).map(({ error }) => error.code)).toEqual(['collector/not-taken'])
  expect(writes).toEqual([['a']])
})

test('what is added in the very turn in which an add ends is written', async () => {
  const appends = new GroupAppend<number>({ write: () => Promise.resolve([]), groupBytesMax: 1 })
  for (let index = 0; index < 100; index++) expect(await appends.add([index], 1, never)).toEqual([])
})

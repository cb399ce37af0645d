import { expect, test } from 'vitest'
import { explore, type Model, type Step } from './explorer.ts'

/** Two counters up to 2; states with the counters exchanged are one. */
const counters: Model<readonly [number, number]> = {
  initial: [0, 0],
  steps: ([a, b]) => [...(a < 2 ? [to('a', a + 1, b)] : []), ...(b < 2 ? [to('b', a, b + 1)] : [])],
  key: (state) => [...state].sort().join(),
  violation: () => undefined,
  isDone: ([a, b]) => a === 2 && b === 2,
  show: (state) => state.join(),
}

function to(label: string, a: number, b: number): Step<readonly [number, number]> {
  return { label, to: [a, b], isFair: true }
}

const bounds = { statesMax: 100, liveness: true }

test('visits every state once, those that differ by symmetry as one', () => {
  const found = explore(counters, bounds)
  expect(found).toEqual({ states: 6, transitions: 8, depth: 4, done: 1, isComplete: true, violation: undefined })
})

test('tells a shortest way to a state that breaks a property', () => {
  const model = { ...counters, violation: ([a, b]: readonly [number, number]) => (a + b === 2 ? 'two' : undefined) }
  const { violation } = explore(model, bounds)
  expect(violation).toEqual({ what: 'two', trace: ['begin: 0,0', 'a | 1,0', 'a | 2,0'] })
})

test('tells the step that breaks one, and an assertion that fails while steps are made', () => {
  const stepBreaks: typeof counters = {
    ...counters,
    steps: ([a, b]) => counters.steps([a, b]).map((step) => (a === 1 ? { ...step, violation: 'from one' } : step)),
  }
  expect(explore(stepBreaks, bounds).violation?.trace.at(-1)).toBe('a | 2,0')
  const fails: typeof counters = {
    ...counters,
    steps: (state) => {
      if (state[0] === 1) throw new Error('one cannot be')
      return counters.steps(state)
    },
  }
  expect(explore(fails, bounds).violation?.what).toBe('assertion: one cannot be')
})

test('finds the nearest state from which fair steps do not lead to the end', () => {
  const model: typeof counters = {
    ...counters,
    steps: (state) => counters.steps(state).map((step) => ({ ...step, isFair: String(step.to) !== '2,2' })),
  }
  expect(explore(model, bounds).violation?.what).toMatch(/^L1/)
  expect(explore(model, { ...bounds, liveness: false }).violation).toBeUndefined()
})

test('says so when it did not see everything', () => {
  expect(explore(counters, { statesMax: 3, liveness: true })).toMatchObject({
    isComplete: false,
    violation: undefined,
  })
})

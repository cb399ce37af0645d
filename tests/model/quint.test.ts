import { expect, test } from 'vitest'
import { QuintReplay } from './quint-replay.ts'
import { quint, traces } from './quint.ts'

/** Seconds of one core; a machine with other things to do takes its time. */
const slow = { timeout: 240_000 }

test('the specification is well typed and its stories hold', slow, async () => {
  await quint('typecheck')
  expect(await quint('test', '--max-samples', '5')).toMatch(/3 passing/)
})

test('a verdict that the product does not share is found out', () => {
  const replay = new QuintReplay()
  const unit = { ranges: [{ partition: 0, start: 0, end: 1 }], dead: [] }
  const version = { token: 0, units: [], first: new Map<number, number>(), txn: new Map<number, number>(), pointer: 0 }
  const state = (verdict: string) => ({
    mainLog: [version],
    deadLog: [{ token: 0, applied: 0, letters: [] }],
    judged: { unit, on: 0, verdict },
  })
  expect(replay.replay([state('held')])).toMatchObject({ verdicts: 1 })
  expect(() => replay.replay([state('ready')])).toThrow(/the product comes to "held", the specification to "ready"/)
})

test(
  'the product comes to every verdict, commit and projection of random runs of the specification',
  slow,
  async () => {
    const found = await traces({ seed: '0x51170001', runs: 200, steps: 40 })
    expect(found.length).toBe(200)
    const replay = new QuintReplay()
    const sum = { verdicts: 0, commits: 0, projections: 0, pendings: 0 }
    for (const states of found) {
      const { verdicts, commits, projections, pendings } = replay.replay(states)
      sum.verdicts += verdicts
      sum.commits += commits
      sum.projections += projections
      sum.pendings += pendings
    }
    console.log(found.length, 'runs of the specification replayed', sum, Object.fromEntries(replay.verdictsSeen))
    // Runs in which nothing happens would prove nothing.
    expect([...replay.verdictsSeen.keys()].sort()).toEqual(['duplicate', 'held', 'ready', 'stale'])
    for (const count of Object.values(sum)) expect(count).toBeGreaterThan(10)
  },
)

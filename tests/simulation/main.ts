import { commandOptions } from '../support/command-options.ts'
import { runCampaign } from './campaign.ts'
import type { PortCall } from './process.ts'
import { runSchedule } from './run-schedule.ts'
import { scenarioOf } from './scenario.ts'
import { shrink, type Candidate } from './shrink.ts'
import { tellStory } from './story.ts'

const help = `npm run simulate -- [--seed S] [--runs N] [--minutes M] [--counts]
npm run simulate -- --replay S [--whole]

Runs whole schedules of the real ingestor, writer and committer in virtual time, one a seed, under crashes, lost answers, late puts, zombies and
whatever else docs/guarantees.md lists, and holds what each leaves against every invariant. The first broken promise ends it with exit code 1:
its seed is printed, and the schedule made as small as it can be.

  --seed S     the first seed (default 1)
  --runs N     how many schedules (default 5000; with --minutes: as many as fit)
  --minutes M  for how long
  --counts     tell what took place in them, and how often
  --replay S   run one seed again, act for act, and tell it; shrunk if it breaks a promise, unless --whole is given
`
const shrinkTrialsMax = 600
const progressEveryMs = 2000

const values = commandOptions(help, {
  seed: { type: 'string', default: '1' },
  runs: { type: 'string' },
  minutes: { type: 'string' },
  replay: { type: 'string' },
  whole: { type: 'boolean', default: false },
  counts: { type: 'boolean', default: false },
})

if (values.replay !== undefined) process.exitCode = await replay(wholeNumber('--replay', values.replay), !values.whole)
else process.exitCode = await simulate()

async function simulate(): Promise<number> {
  const firstSeed = wholeNumber('--seed', values.seed)
  const minutes = values.minutes === undefined ? Infinity : Number(values.minutes)
  const runs =
    values.runs === undefined ? (values.minutes === undefined ? 5000 : Infinity) : wholeNumber('--runs', values.runs)
  const nowMs = (): number => performance.now()
  const startMs = nowMs()
  let toldMs = startMs
  const onProgress = (done: number): void => {
    if (nowMs() - toldMs < progressEveryMs) return
    toldMs = nowMs()
    console.log(`${done} schedules, ${perMinute(done, toldMs - startMs)} a minute`)
  }
  const result = await runCampaign({ firstSeed, runs, wallMs: minutes * 60_000, nowMs, onProgress })
  const { failure, wallMs, versions, calls, faults } = result
  console.log(
    `${result.runs} schedules (seeds ${firstSeed} to ${firstSeed + result.runs - 1}) in ${(wallMs / 60_000).toFixed(1)} min, ${perMinute(result.runs, wallMs)} a minute: ` +
      `${versions} versions, ${calls} port calls, ${faults} of them gone wrong; ${failure === undefined ? 'no promise broken' : `seed ${failure.seed} BROKE A PROMISE`}`,
  )
  if (values.counts)
    for (const [what, times] of [...result.happened].toSorted()) console.log(`${String(times).padStart(9)}  ${what}`)
  if (failure === undefined) return 0
  for (const { name, detail } of failure.violations) console.log(`  ${name}: ${detail}`)
  console.log(`again: npm run simulate -- --replay ${failure.seed}`)
  await replay(failure.seed, true)
  return 1
}

async function replay(seed: number, isShrunk: boolean): Promise<number> {
  const whole: Candidate = { scenario: scenarioOf(seed), muted: new Set() }
  const { violations } = await runSchedule(whole.scenario)
  const promise = violations[0]?.name
  const told = promise === undefined || !isShrunk ? whole : await smallest(whole, promise)
  const calls: PortCall[] = []
  const watch = (call: PortCall, when: 'before' | 'after'): void => {
    if (when === 'before') calls.push(call)
  }
  console.log(tellStory(told, await runSchedule(told.scenario, { muted: told.muted, watch }), calls))
  return promise === undefined ? 0 : 1
}

async function smallest(whole: Candidate, promise: string): Promise<Candidate> {
  console.log(`leaving out what is not needed to break ${promise} …`)
  return shrink(
    whole,
    async ({ scenario, muted }) => {
      const { violations, fired } = await runSchedule(scenario, { muted })
      return { isBroken: violations.some(({ name }) => name === promise), firedNames: fired.map(({ name }) => name) }
    },
    shrinkTrialsMax,
  )
}

function perMinute(done: number, wallMs: number): number {
  return Math.round((done / Math.max(1, wallMs)) * 60_000)
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  console.error(`${option} takes a whole number, not "${text}"\n\n${help}`)
  process.exit(2)
}

import { commandOptions } from '../../support/command-options.ts'
import type { PortCall } from '../process.ts'
import { tellStory } from '../story.ts'
import { parseName } from './crash-point.ts'
import { runSwept } from './run-swept.ts'
import { scenarios } from './scenarios.ts'
import { sweep, sweepPairs, tellFinding, type SweepResult } from './sweep.ts'
import { unsweptOperations } from './unswept.ts'

const help = `npm run sweep -- [--scenario NAME] [--no-pairs]
npm run sweep -- --only NAME/PROCESS:CALL:WHEN[+PROCESS:CALL:WHEN]

Kills every process at every port call it makes in a few small scenarios: just before it asks (unsent), when what it asked has been done and the
answer dies with it (unheard), and just after the answer (heard). Each is a run of its own, in which it is started again and everything must hold
and settle. Then once more in the life that follows, for one scenario. Exit code 1 where a promise breaks or a crash point was not reached.

  --scenario NAME   this one alone: ${[...scenarios.keys()].join(', ')}
  --no-pairs        one death a run only
  --only NAME/…     one run again, as a finding names it, and its story
`
const pairsScenario = 'dead-letters'
const pairCallsMax = 15
const randomSchedules = 300
const progressEveryMs = 5000

const values = commandOptions(help, {
  scenario: { type: 'string' },
  only: { type: 'string' },
  pairs: { type: 'boolean', default: true },
})

if (values.only !== undefined) process.exitCode = await replay(values.only)
else process.exitCode = await sweepAll()

async function sweepAll(): Promise<number> {
  const chosen = [...scenarios].filter(([name]) => values.scenario === undefined || name === values.scenario)
  if (chosen.length === 0) return refuse(`there is no scenario "${values.scenario}"`)
  const once = await told('one death a run', (onRun) => sweep(new Map(chosen), { onRun }))
  console.log(`\n${once.coverage.table()}\n`)
  const results = [once]
  for (const pair of values.pairs ? chosen.filter(([name]) => name === pairsScenario) : [])
    results.push(
      await told(
        `${pair[0]}, two deaths a run: any, then at any of the first ${pairCallsMax} calls of the next life`,
        (onRun) => sweepPairs(pair, pairCallsMax, { onRun }),
      ),
    )
  const unswept = values.scenario === undefined ? await unsweptOperations(once.coverage, randomSchedules) : []
  if (values.scenario === undefined)
    console.log(`asked in ${randomSchedules} random schedules and not swept: ${unswept.join(', ') || 'nothing'}`)
  const isWhole = results.every(({ coverage, findings }) => coverage.isWhole && findings.length === 0)
  return isWhole && unswept.length === 0 ? 0 : 1
}

async function told(what: string, run: (onRun: (runs: number) => void) => Promise<SweepResult>): Promise<SweepResult> {
  const startMs = performance.now()
  let toldMs = startMs
  const result = await run((runs) => {
    if (performance.now() - toldMs < progressEveryMs) return
    toldMs = performance.now()
    console.log(`${runs} runs …`)
  })
  const { coverage, findings, runs } = result
  for (const finding of findings) console.log(tellFinding(finding))
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0)
  const end = findings.length === 0 ? 'no promise broken' : `${findings.length} FINDINGS`
  console.log(`${what}: ${runs} runs in ${seconds} s; ${coverage.summary}; ${end}`)
  return result
}

async function replay(name: string): Promise<number> {
  const parsed = parseName(name)
  const scenario = parsed && scenarios.get(parsed.scenario)
  if (parsed === undefined || scenario === undefined) return refuse(`--only does not name a run: "${name}"`)
  const calls: PortCall[] = []
  const { outcome, died } = await runSwept(scenario, parsed.deaths, (call) => calls.push(call))
  console.log(tellStory({ scenario, muted: new Set() }, outcome, calls))
  for (const { process, index, operation, when } of died) console.log(`${process}:${index} died, ${operation} ${when}`)
  if (died.length < parsed.deaths.length) console.log('not every death named took place')
  return outcome.violations.length === 0 && died.length === parsed.deaths.length ? 0 : 1
}

function refuse(why: string): number {
  console.error(`${why}\n\n${help}`)
  return 2
}

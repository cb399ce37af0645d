import type { Disturbance } from './disturbance.ts'
import type { PortCall } from './process.ts'
import type { Outcome } from './run-schedule.ts'
import type { Candidate } from './shrink.ts'

const callsToldMax = 60

/** A schedule and how it ended, for people. */
export function tellStory({ scenario }: Candidate, outcome: Outcome, lastCalls: readonly PortCall[]): string {
  const { seed, ingestors, writers, committers, partitions, readBack, evolution } = scenario
  return [
    `seed ${seed}: ${ingestors} ingestors, ${writers} writers, ${committers} committers, ${partitions} partitions, ` +
      `${readBack ? 'reading commits back' : 'trusting answers'}, schema ${evolution}; calm from ${ms(scenario.calmFromMs)}`,
    '',
    'produced:',
    ...scenario.appends.map(
      ({ atMs, partition, kinds }) => `  ${ms(atMs)}  partition ${partition}: ${kinds.join(' ')}`,
    ),
    'done to it:',
    ...scenario.disturbances.map((each) => `  ${ms(each.atMs)}  ${tellDisturbance(each)}`),
    'calls that went wrong:',
    ...outcome.fired.map(({ name, operation, fate, atMs }) => `  ${ms(atMs)}  ${name} ${operation} ${fate}`),
    `the last calls of ${outcome.calls}:`,
    ...lastCalls.slice(-callsToldMax).map((call) => `  ${call.process}:${call.index} ${call.operation}`),
    outcome.violations.length === 0 ? 'broken promises: none' : 'broken promises:',
    ...outcome.violations.map(({ name, detail }) => `  ${name}: ${detail}`),
    `way taken: ${outcome.digest}, ${outcome.steps} acts, ${outcome.versions} versions, ${ms(outcome.virtualMs)} of virtual time`,
  ].join('\n')
}

function tellDisturbance({ kind, ...rest }: Disturbance): string {
  const told = Object.entries(rest).filter(([name]) => name !== 'atMs')
  return [
    kind,
    ...told.map(([name, value]) => {
      if (typeof value === 'number') return `${name}=${Math.round(value * 100) / 100}`
      return `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`
    }),
  ].join(' ')
}

function ms(value: number): string {
  return `${(value / 1000).toFixed(3).padStart(8)} s`
}

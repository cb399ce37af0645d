import type { Append } from './append.ts'
import { noFaults, type CallRates, type CallTarget } from './call-faults.ts'
import type { Disturbance } from './disturbance.ts'
import { drawsFor } from './draws.ts'
import type { Draft } from './draft.ts'
import { themes } from './themes.ts'

/** A whole schedule but for what chance decides call by call: plain data, made of a seed and cut down by shrinking. */
export interface Scenario {
  readonly seed: number
  readonly ingestors: number
  readonly writers: number
  readonly committers: number
  readonly partitions: number
  readonly readBack: boolean
  readonly evolution: 'add' | 'rescue'
  /** START_FROM as a time, wall ms; left out: earliest. */
  readonly startFromMs?: number
  /** The source tells high watermarks; left out: it does not. */
  readonly hasTransactions?: boolean
  /** Commit jobs a committer holds at once; left out: more than there are. */
  readonly jobsHeldMax?: number
  readonly themes: readonly string[]
  readonly appends: readonly Append[]
  readonly rates: Readonly<Record<CallTarget, CallRates>>
  /** Chances of results and order in the queues. */
  readonly redis: { readonly resultLost: number; readonly resultTwice: number; readonly outOfOrder: number }
  /** Share of slabs over which a decoder dies without a reason. */
  readonly decoderDeathRate?: number
  /** Share of slabs of one record, decoded apart, with which memory begins to be short. */
  readonly memoryShort?: number
  /** A deadly record takes the whole writer with it, where it is not decoded apart. */
  readonly deadlyToWriters?: boolean
  /** Decoded bytes after which a writer reads no more of a unit. */
  readonly unitBytesMax?: number
  readonly disturbances: readonly Disturbance[]
  /** From here on nothing goes wrong any more, and everything must settle. */
  readonly calmFromMs: number
}

/** The scenario of a seed: a few themes out of all, so that each run does some things thoroughly (swarm testing, Groce et al. 2012). */
export function scenarioOf(seed: number): Scenario {
  const draws = drawsFor(seed, 0x5ce0)
  const partitions = draws.whole(1, 3)
  const actors = { ingestor: draws.whole(1, 2), writer: draws.whole(1, 3), committer: draws.whole(1, 2) }
  const spanMs = draws.between(1500, 5000)
  const draft: Draft = {
    rates: { store: noFaults, queue: noFaults, source: noFaults },
    redis: { resultLost: 0, resultTwice: 0, outOfOrder: 0 },
    recordKinds: ['plain'],
    decoderDeathRate: 0,
    memoryShort: 0,
    deadlyToWriters: false,
    jobsHeldMax: 32,
    unitBytesMax: 1500,
    backlog: [],
    disturbances: [],
    draws,
    spanMs,
    actors,
    partitions,
  }
  const chosen = [...themes.keys()].filter(() => draws.chance(0.2))
  for (const name of chosen) themes.get(name)?.(draft)
  return slept({
    seed,
    ingestors: actors.ingestor,
    writers: actors.writer,
    committers: actors.committer,
    partitions,
    readBack: draws.chance(0.5),
    evolution: draws.chance(0.8) ? 'add' : 'rescue',
    themes: chosen,
    appends: appendsOf(draft),
    rates: draft.rates,
    redis: draft.redis,
    decoderDeathRate: draft.decoderDeathRate,
    memoryShort: draft.memoryShort,
    deadlyToWriters: draft.deadlyToWriters,
    jobsHeldMax: draft.jobsHeldMax,
    unitBytesMax: draft.unitBytesMax,
    disturbances: draft.disturbances.toSorted((a, b) => a.atMs - b.atMs),
    calmFromMs: spanMs,
  })
}

/** What comes after a hibernation comes that much later. */
function slept(scenario: Scenario): Scenario {
  const sleep = scenario.disturbances.find((each) => each.kind === 'hibernate')
  if (sleep === undefined) return scenario
  const later = <T extends { readonly atMs: number }>(each: T): T =>
    each.atMs <= sleep.atMs ? each : { ...each, atMs: each.atMs + sleep.forMs }
  return {
    ...scenario,
    appends: scenario.appends.map(later),
    disturbances: scenario.disturbances.map(later),
    calmFromMs: scenario.calmFromMs + sleep.forMs,
  }
}

function appendsOf({ draws, partitions, spanMs, recordKinds, backlog }: Draft): readonly Append[] {
  const drawn = Array.from({ length: draws.whole(2, 8) }, () => ({
    atMs: draws.between(0, spanMs),
    partition: draws.whole(0, partitions - 1),
    kinds: Array.from({ length: draws.chance(0.15) ? draws.whole(20, 40) : draws.whole(1, 6) }, () =>
      draws.pick(recordKinds),
    ),
  }))
  return [...backlog, ...drawn].toSorted((a, b) => a.atMs - b.atMs)
}

import type { WriteJob } from '@silt/contracts'
import { isSiltError, type EncodeSpec, type SiltError } from '@silt/core'
import { tableLayout, type TableState } from '@silt/delta'
import { LocalUnitRunner } from './local-unit-runner.ts'
import type { UnitLaps } from './trace-unit.ts'
import type { RanUnit, UnitRunner } from './unit-runner.ts'
import { UnitTrail } from './unit-trail.ts'
import type { WriterDeps } from './writer-options.ts'
import type { WriteUnitContext } from './write-unit-context.ts'

/** One run of a unit through a decoder: what became of it, or that the decoder died, over what. */
export type Attempt =
  | ({ readonly kind: 'encoded'; readonly trail: UnitTrail } & Pick<RanUnit, 'unit' | 'reading' | 'release'>)
  | { readonly kind: 'crashed'; readonly error: SiltError; readonly trail: UnitTrail }

export interface AttemptHow {
  /** In a process of its own. */
  readonly apart: boolean
  /** Undecoded, every record a dead letter `crashes-decoder` with this detail. */
  readonly condemn?: string
}

/** Fetches, decodes and encodes. Throws what a `UnitRunner` throws, but `encoder/crashed`. */
export async function attemptUnit(
  context: WriteUnitContext,
  job: WriteJob,
  state: TableState,
  how: AttemptHow,
  laps: UnitLaps,
  signal: AbortSignal,
): Promise<Attempt> {
  const trail = new UnitTrail()
  const runner = runnerFor(context.deps, how)
  const order = { job, spec: encodeSpec(context, job, state), unitBytesMax: context.options.unitBytesMax }
  const { condemn } = how
  try {
    const ran = await runner.run(condemn === undefined ? order : { ...order, condemn }, trail, signal)
    laps.read = Math.round(ran.readMs)
    laps.encode = Math.round(ran.encodeMs)
    const { unit, reading, release } = ran
    return { kind: 'encoded', unit, reading, trail, ...(release === undefined ? {} : { release }) }
  } catch (error) {
    if (isSiltError(error, 'encoder/crashed')) return { kind: 'crashed', error, trail }
    throw error
  }
}

function runnerFor({ source, clock, unitRunner, encoderApart }: WriterDeps, { apart }: AttemptHow): UnitRunner {
  return apart ? new LocalUnitRunner({ source, encoder: encoderApart, clock }) : unitRunner
}

export function encodeSpec({ deps, options }: WriteUnitContext, job: WriteJob, state: TableState): EncodeSpec {
  return {
    topic: job.topic,
    topicId: job.topicId,
    cutAtMs: job.cutAtMs,
    failedAtMs: deps.clock.nowMs(),
    schema: state.schema,
    partitionColumns: state.metadata.partitionColumns,
    layout: tableLayout(state),
    evolution: options.schemaEvolution,
    columnsMax: options.columnsMax,
    recordBytesMax: options.recordBytesMax,
  }
}

import { eventDateField, eventTableSchema } from '@silt/contracts'
import { struct, type EncodeSpec } from '@silt/core'
import { PlaneEncoder } from '../../src/unit/plane-encoder.ts'
import { Engine } from '../../src/wasm/engine.ts'
import { eventSpec } from '../scan/slab.ts'
import { exactUnit, expectSame, planeUnit, type Given, type ReadUnit } from './both-encoders.ts'
import { recordMs } from './records.ts'

const dayMs = 86_400_000

/** For tests that do not look at the plane itself. */
export const engine = new Engine()

/** The event table, partitioned. */
export const byDay: EncodeSpec = {
  ...eventSpec,
  schema: struct([...eventTableSchema.fields, eventDateField]),
  partitionColumns: ['event_date'],
}

export interface DatedRecord {
  readonly value: string
  readonly timestampMs: number
}

/** A record of the day with that index. */
export function sound(day: number): DatedRecord {
  return { value: '{"event_type":"a"}', timestampMs: recordMs + day * dayMs }
}

/** One whose `_own` is rescued: the scanner leaves it to the exact path. */
export function refused(day: number): DatedRecord {
  return { ...sound(day), value: '{"event_type":"b","_own":1}' }
}

/** The unit by the plane, which is as the exact path has it. */
export async function both(
  given: Given,
  encoder = new PlaneEncoder({ engine, limits: given.limits ?? {} }),
): Promise<ReadUnit> {
  const plane = await planeUnit(encoder, given)
  expectSame(plane, await exactUnit(given))
  return plane
}

/** Takes memory until `bytes` of it were never touched, or a little less. */
export function leaveRoom(plane: Engine, bytes: number): void {
  const room = () => plane.bytes.length - plane.touchedBytes
  for (let size = 2 ** 28; size >= 256; size /= 2) while (room() - size >= bytes) plane.exports.alloc(size - 80)
}

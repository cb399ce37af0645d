import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { Deployment } from './deployment.ts'
import { runPython } from './python.ts'
import { silt } from './silt-process.ts'
import { expectSoundTable } from './sound-table.ts'

const script = fileURLToPath(new URL('../conformance/exactly_once.py', import.meta.url))

interface Places {
  readonly version: number
  readonly files: number
  readonly rows: number
  readonly distinct: number
  readonly partitions: readonly (readonly [partition: number, rows: number, first: number, last: number])[]
}

export interface PlacesReport extends Places {
  readonly deadLetters: Places | null
}

/** What delta-rs finds in the table. */
function readPlaces(target: Deployment): Promise<PlacesReport> {
  return runPython<PlacesReport>(script, [target.tableUri], target.readerEnvironment)
}

/** The table holds each offset of `[0, end)` of every partition once, by delta-rs and by `silt audit`; `silt table check` has no findings. */
export async function expectExactlyOnce(target: Deployment, ends: ReadonlyMap<number, number>): Promise<PlacesReport> {
  const places = await readPlaces(target)
  const total = [...ends.values()].reduce((sum, end) => sum + end, 0)
  const expected = [...ends]
    .filter(([, end]) => end > 0)
    .sort(([a], [b]) => a - b)
    .map(([partition, end]) => [partition, end, 0, end - 1])
  expect({ rows: places.rows, distinct: places.distinct, partitions: places.partitions }).toEqual({
    rows: total,
    distinct: total,
    partitions: expected,
  })
  await expectAudit(target, 'proved')
  await expectSoundTable(target.environment)
  return places
}

/** `silt audit --json` ends with this verdict. */
async function expectAudit(target: Deployment, verdict: string): Promise<void> {
  const audit = await silt(['audit', '--json'], target.environment)
  expect(audit.stderr + audit.stdout).toContain(`"verdict":"${verdict}"`)
}

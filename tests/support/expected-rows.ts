import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { runPython } from './python.ts'

const script = fileURLToPath(new URL('../conformance/same_rows.py', import.meta.url))

/** A row as it must be read: column values, timestamps as whole microseconds. Columns left out are null. */
export type ExpectedRow = Readonly<Record<string, string | number | boolean | null>>

export interface ExpectedPlace {
  readonly partition: number
  readonly offset: number
  readonly row: ExpectedRow
}

/** The row of an event of the demo's generator, by JSON.parse alone. */
export function generatedRow(line: string): ExpectedRow {
  const { timestamp, metadata, ...rest } = JSON.parse(line) as Record<string, string | number | null>
  return { ...rest, timestamp: Date.parse(String(timestamp)) * 1000, metadata: JSON.stringify(metadata) }
}

/** Every line of `<folder>/<partition>.ndjson` at its byte position. */
export async function expectedOfFolder(
  folder: string,
  rowOf: (line: string) => ExpectedRow = generatedRow,
): Promise<ExpectedPlace[]> {
  const places: ExpectedPlace[] = []
  for (const name of await readdir(folder)) {
    const partition = Number(name.replace('.ndjson', ''))
    let offset = 0
    for (const line of (await readFile(join(folder, name), 'utf8')).split('\n')) {
      if (line !== '') places.push({ partition, offset, row: rowOf(line) })
      offset += Buffer.byteLength(line) + 1
    }
  }
  return places
}

/** Lines dealt out one by one over the partitions of a topic, as `produce.py` does. */
export function expectedOfTopic(
  lines: readonly string[],
  partitions: number,
  rowOf: (line: string) => ExpectedRow = generatedRow,
): ExpectedPlace[] {
  return lines.map((line, index) => ({
    partition: index % partitions,
    offset: Math.floor(index / partitions),
    row: rowOf(line),
  }))
}

export interface EngineReport {
  readonly rows: number
  readonly types: Readonly<Record<string, string>>
  readonly faults: readonly string[]
}

/** Reads the table with every engine we did not write and holds each value against what is expected; answers what each engine read. */
export async function expectSameRows(
  tableUri: string,
  expected: readonly ExpectedPlace[],
  options: { readonly folder: string; readonly environment?: Readonly<Record<string, string>> },
): Promise<Readonly<Record<string, EngineReport>>> {
  const path = join(options.folder, 'expected.ndjson')
  await writeFile(path, expected.map((place) => `${JSON.stringify(place)}\n`).join(''))
  const engines = await runPython<Record<string, EngineReport>>(script, [tableUri, path], options.environment)
  const seen = Object.entries(engines).map(([engine, { rows, faults }]) => [engine, rows, faults])
  expect(seen).toEqual(Object.keys(engines).map((engine) => [engine, expected.length, []]))
  return engines
}

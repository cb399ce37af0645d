import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { asSiltError } from '@silt/core'
import { HyparquetReader } from '@silt/parquet'
import { loadSnapshot, loadState, requireReadable, requireWritable, type Snapshot } from '../src/index.ts'
import { storeOfFolder } from './support/test-store.ts'

/** Tables of Delta's own project with what another reader (delta-rs) found in them; beside the repository, not in it. */
const golden = resolve(import.meta.dirname, '../../../../shared/golden')

interface Expected {
  readonly version?: number
  readonly minReader?: number
  readonly minWriter?: number
  readonly readerFeatures?: readonly string[]
  readonly writerFeatures?: readonly string[]
  readonly partitionColumns?: readonly string[]
  readonly schema?: unknown
  readonly files?: readonly string[]
  readonly error?: string
}

const here = existsSync(join(golden, 'expected.json'))
if (!here) console.warn(`golden tables: not run, there is no ${golden}`)

describe.runIf(here)('golden tables', () => {
  const reader = new HyparquetReader()
  const expected = here
    ? (JSON.parse(readFileSync(join(golden, 'expected.json'), 'utf8')) as Readonly<Record<string, Expected>>)
    : {}
  const outcomes = new Map<string, string>()
  const gates = { readable: 0, writable: 0 }

  it.each(Object.entries(expected))('%s: same as the other reader, or refused by name', async (name, wanted) => {
    const store = await storeOfFolder(join(golden, name))
    let snapshot: Snapshot
    try {
      const state = await loadState(store, reader)
      if (state === undefined) {
        expect(wanted.error).toMatch(/No files in log segment/)
        outcomes.set(name, 'no table')
        return
      }
      snapshot = await loadSnapshot(store, reader)
      expect({ ...snapshot, files: undefined, removes: undefined, tally: state.tally }).toEqual({ ...state })
      if (state.tally !== undefined) expect(state.tally).toEqual(snapshot.tally)
      expect(snapshot.checksumProblems).toBeUndefined()
    } catch (thrown) {
      const error = asSiltError(thrown)
      expect(error.kind, error.message).toMatch(/^(data|unsupported)$/)
      outcomes.set(name, error.code)
      return
    }
    expect(wanted.error, 'the other reader refused it').toBeUndefined()
    expect({
      version: snapshot.version,
      minReader: snapshot.protocol.minReaderVersion,
      minWriter: snapshot.protocol.minWriterVersion,
      readerFeatures: [...(snapshot.protocol.readerFeatures ?? [])].sort(),
      writerFeatures: [...(snapshot.protocol.writerFeatures ?? [])].sort(),
      partitionColumns: snapshot.metadata.partitionColumns,
      schema: snapshot.schema,
    }).toEqual({
      version: wanted.version,
      minReader: wanted.minReader,
      minWriter: wanted.minWriter,
      readerFeatures: [...(wanted.readerFeatures ?? [])].sort(),
      writerFeatures: [...(wanted.writerFeatures ?? [])].sort(),
      partitionColumns: wanted.partitionColumns,
      schema: wanted.schema,
    })
    expect([...snapshot.files.keys()].sort()).toEqual([...(wanted.files ?? [])].sort())
    outcomes.set(name, 'agreed')
    if (passes(() => requireReadable(snapshot))) gates.readable++
    if (passes(() => requireWritable(snapshot))) gates.writable++
  })

  it('agrees and refuses in the numbers on record', () => {
    const counts: Record<string, number> = {}
    for (const outcome of outcomes.values()) counts[outcome] = (counts[outcome] ?? 0) + 1
    expect(counts).toEqual({
      agreed: 79,
      // No top-level log: six folders of other things or of several tables, and one without a log.
      'no table': 7,
      // metaData without schemaString, or a checkpoint that holds no such action at all.
      'delta/broken-log': 8,
      'delta/no-metadata': 3,
      'delta/no-protocol': 1,
      'delta/log-gap': 1,
      // Reader version 99.
      'delta/unsupported-feature': 1,
    })
    // Of the agreed, not written: collations (two of them), Iceberg compatibility, a variant.
    expect(gates).toEqual({ readable: 79, writable: 75 })
  })

  it.each(['data-reader-date-types-America', 'data-reader-date-types-Asia', 'data-reader-date-types-Etc', 'hive'])(
    '%s: reads the tables inside',
    async (name) => {
      const inside = readdirSync(join(golden, name), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isDirectory() && entry.name === '_delta_log')
        .map((entry) => entry.parentPath)
      expect(inside.length).toBeGreaterThan(0)
      for (const folder of inside) {
        const snapshot = await loadSnapshot(await storeOfFolder(folder), reader)
        expect(snapshot.files.size).toBeGreaterThan(0)
      }
    },
  )
})

function passes(check: () => void): boolean {
  try {
    check()
    return true
  } catch {
    return false
  }
}

import { parkingAt } from '@silt/committer'
import {
  seededRandom,
  type ObjectStore,
  type ParquetFileWriter,
  type ParquetReader,
  type ParquetWriter,
  type Random,
} from '@silt/core'
import { ManualClock } from '@silt/core/testing'
import { checkTable, entryFacts, loadSnapshot, readEntry, type EntryFacts, type Snapshot } from '@silt/delta'
import { MemoryStore } from '@silt/object-store'
import { MemorySource } from '@silt/source'
import { audit, type OperatorDeps } from '../operator/index.ts'
import { SimParquet } from '../sim-parquet.ts'
import type { EngineDeps } from './engine.ts'
import { SettledTable, topic, topicId } from './settled-table.ts'

/** A table of Silt's in memory with another engine and an operator beside it; partitions 0 and 1 begin at 0. */
export interface TableWorld {
  readonly clock: ManualClock
  readonly random: Random
  readonly store: MemoryStore
  readonly source: MemorySource
  readonly table: SettledTable
  readonly engine: EngineDeps
  readonly operator: OperatorDeps
  now(): Promise<Snapshot>
  newestFacts(): Promise<EntryFacts>
  /** Operation of what parks the table. */
  parkedBy(): Promise<string | undefined>
  /** The audit's verdict. */
  verdict(): Promise<string>
  /** Findings of the table check. */
  findings(): Promise<readonly string[]>
}

/** What reads and writes the files, and counts their rows. */
export interface Parquet extends ParquetReader, ParquetWriter, ParquetFileWriter {
  rowCount(file: Uint8Array): number
}

export async function newTableWorld(seed = 1, parquet: Parquet = new SimParquet()): Promise<TableWorld> {
  const clock = new ManualClock()
  const random = seededRandom(seed)
  const [store, deadLetterStore] = [new MemoryStore({ clock }), new MemoryStore({ clock })]
  const source = new MemorySource({ clock })
  source.createTopic(topic, 2, topicId)
  const table = new SettledTable({ store, parquetReader: parquet, parquetWriter: parquet, clock })
  await table.make([0, 1])
  const operator = { store, deadLetterStore, source, reader: parquet, clock, random, topic, readBack: false }
  const now = (): Promise<Snapshot> => loadSnapshot(store, parquet)
  return {
    clock,
    random,
    store,
    source,
    table,
    engine: {
      store,
      parquetReader: parquet,
      parquetWriter: parquet,
      clock,
      random,
      remove: (key) => Promise.resolve(store.removeAsAnother(key)),
    },
    operator,
    now,
    newestFacts: async () => {
      const entry = await readEntry(store, (await now()).version)
      if (entry === undefined) throw new Error('the newest commit is gone')
      return entryFacts(entry)
    },
    parkedBy: async () => (await parkingAt(store, await now()))?.operation,
    verdict: async () => (await audit(operator)).verdict,
    findings: async () => {
      const { findings } = await checkTable(store, parquet, { rowCount: (body) => parquet.rowCount(body) })
      return findings.map(({ code, where }) => `${code} ${where}`)
    },
  }
}

/** The engine, before whose first `times` commits somebody else makes one. */
export function overtaken(engine: EngineDeps, times: number, act: () => Promise<unknown>): EngineDeps {
  let left = times
  const store = new Proxy<ObjectStore>(engine.store, {
    get(target, name) {
      if (name === 'putIfAbsent')
        return async (...given: Parameters<ObjectStore['putIfAbsent']>) => {
          if (left-- > 0) await act()
          return target.putIfAbsent(...given)
        }
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  return { ...engine, store }
}

/** All keys of a store. */
export async function keysOf(store: ObjectStore, prefix = ''): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(prefix)) keys.push(key)
  return keys
}

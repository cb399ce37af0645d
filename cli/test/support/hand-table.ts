import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

/** A folder in which tests make tables by hand, as other engines might have. */
export class HandTables {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static async open(): Promise<HandTables> {
    return new HandTables(await mkdtemp(join(tmpdir(), 'silt-hand-')))
  }

  /** A table of these commits, from version 0 on; answers its folder. */
  async table(name: string, ...commits: readonly (readonly object[])[]): Promise<string> {
    const table = join(this.folder, name)
    await mkdir(join(table, '_delta_log'), { recursive: true })
    for (const [version, actions] of commits.entries())
      await writeFile(
        join(table, `_delta_log/${String(version).padStart(20, '0')}.json`),
        actions.map((action) => `${JSON.stringify(action)}\n`).join(''),
      )
    return table
  }

  /** Writes what a query of DuckDB gives as a data file. */
  async file(path: string, sql: string): Promise<void> {
    const instance = await DuckDBInstance.create(':memory:')
    const duck = await instance.connect()
    await duck.run(`COPY (${sql}) TO '${path}' (FORMAT parquet)`)
    duck.closeSync()
    instance.closeSync()
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}

export const plainProtocol = { protocol: { minReaderVersion: 1, minWriterVersion: 2 } }

export function column(name: string, type: unknown, metadata: object = {}): object {
  return { name, type, nullable: true, metadata }
}

export function metaData(
  fields: readonly object[],
  options: { readonly partitionColumns?: readonly string[]; readonly configuration?: object } = {},
): { readonly metaData: object } {
  const { partitionColumns = [], configuration = {} } = options
  return {
    metaData: {
      id: 'hand-made',
      format: { provider: 'parquet', options: {} },
      schemaString: JSON.stringify({ type: 'struct', fields }),
      partitionColumns,
      configuration,
    },
  }
}

export function addOf(path: string, extra: object = {}): { readonly add: object } {
  return { add: { path, partitionValues: {}, size: 1, modificationTime: 1, dataChange: true, ...extra } }
}

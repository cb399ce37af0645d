import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SiltError } from '@silt/core'
import type * as DuckDbModule from '@duckdb/node-api'

const packageAndVersion = '@duckdb/node-api@1.5.5-r.5'
/** Memory of one reading; what a query needs beyond it goes to disk. */
const memoryLimit = '1GB'

/** DuckDB in this process, which can read below `folder` and `tableFolders` and nothing else: no network, no extension, no setting changed. */
export interface Duck {
  readonly connection: DuckDbModule.DuckDBConnection
  /** Whether a statement gives rows and changes nothing. */
  readonly isQuery: (statement: DuckDbModule.DuckDBPreparedStatement) => boolean
  /** Whether it makes something in DuckDB itself: a type, a view, a table in memory. */
  readonly isMaking: (statement: DuckDbModule.DuckDBPreparedStatement) => boolean
  close(): void
}

/** Errors: `table/duckdb-missing` (unsupported), with the command that installs it. */
export async function openDuck(folder: string, tableFolders: readonly string[]): Promise<Duck> {
  const { DuckDBInstance, StatementType } = await loadDuckDb()
  const spill = join(folder, 'spill')
  await mkdir(spill)
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  const allowed = [folder, ...tableFolders].map((each) => text(each.endsWith('/') ? each : `${each}/`))
  for (const setting of [
    // Partition values and files of older engines hold timestamps without a zone: UTC.
    `TimeZone = 'UTC'`,
    `memory_limit = '${memoryLimit}'`,
    `temp_directory = ${text(spill)}`,
    `allowed_directories = [${allowed.join(', ')}]`,
    'enable_external_access = false',
    'lock_configuration = true',
  ])
    await connection.run(`SET ${setting}`)
  return {
    connection,
    isQuery: ({ statementType }) => statementType === StatementType.SELECT,
    isMaking: ({ statementType }) => statementType === StatementType.CREATE,
    close: () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

/** A text as SQL spells it. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/** A name as SQL spells it. */
export function name(value: string): string {
  return `"${value.replaceAll('"', '""')}"`
}

/** Only who reads rows loads it: it takes 70 MB on disk, and images leave it out. */
async function loadDuckDb(): Promise<typeof DuckDbModule> {
  try {
    return await import('@duckdb/node-api')
  } catch (cause) {
    const message = `rows are read by DuckDB, which is not installed here. Install it beside Silt: npm install --no-save ${packageAndVersion}`
    throw new SiltError('unsupported', 'table/duckdb-missing', message, { cause })
  }
}

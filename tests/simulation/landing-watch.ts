import { decodePath } from '@silt/delta'
import { fileKey, type LandedEntry, type TableName, type Violation } from './history.ts'

/**
 * What must be true at the moment a version of Silt lands.
 *
 *     I4-file-not-there  it names a file that has not been put (yet): a reader of this version fails
 *     I10-columns        it widens the table past MAX_COLUMNS
 */
export class LandingWatch {
  readonly violations: Violation[] = []
  readonly #files: ReadonlyMap<string, Uint8Array>
  readonly #columnsMax: number
  readonly #columns = new Map<TableName, number>()

  /** `files` ever put, kept up to date. */
  constructor(files: ReadonlyMap<string, Uint8Array>, columnsMax: number) {
    this.#files = files
    this.#columnsMax = columnsMax
  }

  landed(entry: LandedEntry): void {
    for (const line of Buffer.from(entry.body).toString().split('\n')) {
      if (line.startsWith('{"add"')) this.#added(entry, line)
      else if (line.startsWith('{"metaData"')) this.#described(entry, line)
    }
  }

  #added({ table, version, by }: LandedEntry, line: string): void {
    if (!isSilts(by)) return
    const { add } = JSON.parse(line) as { add: { path: string } }
    const key = fileKey(table, decodePath(add.path))
    if (!this.#files.has(key)) this.#say('I4-file-not-there', `version ${version} of ${table} by ${by} names ${key}`)
  }

  #described({ table, version, by }: LandedEntry, line: string): void {
    const { metaData } = JSON.parse(line) as { metaData: { schemaString: string } }
    const { fields } = JSON.parse(metaData.schemaString) as { fields: readonly unknown[] }
    const before = this.#columns.get(table) ?? 0
    this.#columns.set(table, fields.length)
    if (isSilts(by) && fields.length > this.#columnsMax && fields.length > before)
      this.#say('I10-columns', `version ${version} of ${table} by ${by} has ${fields.length} columns, before ${before}`)
  }

  #say(name: string, detail: string): void {
    this.violations.push({ name, detail })
  }
}

function isSilts(by: string): boolean {
  return by.startsWith('committer')
}

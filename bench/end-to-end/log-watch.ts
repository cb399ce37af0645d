import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What the commits of a local table add up to. */
export interface LogTotals {
  readonly rows: number
  readonly files: number
  readonly fileBytes: number
  readonly logBytes: number
  readonly dataCommits: number
}

interface Commit {
  readonly rows: number
  readonly files: number
  readonly fileBytes: number
  readonly logBytes: number
}

/** Follows a local table's log, each commit parsed once; works for tables of any writer. */
export class LogWatch {
  readonly #folder: string
  readonly #seen = new Map<string, Commit>()

  constructor(table: string) {
    this.#folder = join(table, '_delta_log')
  }

  totals(): LogTotals {
    for (const name of this.#names()) if (!this.#seen.has(name)) this.#seen.set(name, this.#read(name))
    const commits = [...this.#seen.values()]
    const sum = (of: (commit: Commit) => number): number => commits.reduce((total, commit) => total + of(commit), 0)
    return {
      rows: sum(({ rows }) => rows),
      files: sum(({ files }) => files),
      fileBytes: sum(({ fileBytes }) => fileBytes),
      logBytes: sum(({ logBytes }) => logBytes),
      dataCommits: commits.filter(({ files }) => files > 0).length,
    }
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder).filter((name) => /^\d{20}\.json$/.test(name))
    } catch {
      return []
    }
  }

  #read(name: string): Commit {
    const path = join(this.#folder, name)
    const adds = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{"add"'))
      .map((line) => (JSON.parse(line) as { add: { size: number; stats?: string } }).add)
    return {
      rows: adds.reduce(
        (total, { stats }) => total + (JSON.parse(stats ?? '{"numRecords":0}') as { numRecords: number }).numRecords,
        0,
      ),
      files: adds.length,
      fileBytes: adds.reduce((total, { size }) => total + size, 0),
      logBytes: statSync(path).size,
    }
  }
}

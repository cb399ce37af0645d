import type { ObjectStore } from '@silt/core'

/** What the commits of a table add up to. */
export interface LogTotals {
  readonly rows: number
  readonly files: number
  readonly fileBytes: number
  readonly logBytes: number
  readonly dataCommits: number
}

interface AddStats {
  readonly size: number
  readonly stats?: string
}

/** Follows a table's log from version 0, each commit read once; works for tables of any writer. */
export class LogWatch {
  readonly #store: ObjectStore
  #next = 0
  #totals: LogTotals = { rows: 0, files: 0, fileBytes: 0, logBytes: 0, dataCommits: 0 }

  /** The table's folder, which stays its opener's. */
  constructor(store: ObjectStore) {
    this.#store = store
  }

  /** With every version that can be read by now. */
  async totals(): Promise<LogTotals> {
    for (;;) {
      const found = await this.#store.get(`_delta_log/${String(this.#next).padStart(20, '0')}.json`)
      if (found.kind === 'missing') return this.#totals
      this.#totals = added(this.#totals, Buffer.from(found.body))
      this.#next++
    }
  }
}

function added(totals: LogTotals, commit: Buffer): LogTotals {
  const adds = commit
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('{"add"'))
    .map((line) => (JSON.parse(line) as { readonly add: AddStats }).add)
  const rows = adds.map(({ stats }) => (JSON.parse(stats ?? '{"numRecords":0}') as { numRecords: number }).numRecords)
  return {
    rows: sum(rows) + totals.rows,
    files: adds.length + totals.files,
    fileBytes: sum(adds.map(({ size }) => size)) + totals.fileBytes,
    logBytes: commit.length + totals.logBytes,
    dataCommits: totals.dataCommits + (adds.length > 0 ? 1 : 0),
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

import { fileKey, type Deletion, type LandedEntry, type TableName } from './history.ts'

/** Keeps what came to be in the stores, whatever becomes of it there. */
export class Recorder {
  readonly entries: LandedEntry[] = []
  readonly files = new Map<string, Uint8Array>()
  deletions: readonly Deletion[] = []
  readonly #nowMs: () => number
  readonly #onEntry: (entry: LandedEntry) => void

  constructor(nowMs: () => number, onEntry: (entry: LandedEntry) => void) {
    this.#nowMs = nowMs
    this.#onEntry = onEntry
  }

  landed(table: TableName, version: number, body: Uint8Array, by: string): void {
    const entry: LandedEntry = { table, version, body: new Uint8Array(body), atMs: this.#nowMs(), by }
    this.entries.push(entry)
    this.#onEntry(entry)
  }

  filePut(table: TableName, key: string, body: Uint8Array): void {
    this.files.set(fileKey(table, key), new Uint8Array(body))
    // Brought back from a backup.
    if (this.deletions.length > 0)
      this.deletions = this.deletions.filter((each) => each.table !== table || each.key !== key)
  }

  deleted(table: TableName, key: string, by: string): void {
    this.deletions = [...this.deletions, { table, key, by, afterEntries: this.entries.length }]
  }
}

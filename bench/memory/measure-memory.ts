import { setTimeout as delay } from 'node:timers/promises'
import { opsOf } from '../../tests/support/ops.ts'
import { LogWatch } from '../pipeline/log-watch.ts'
import { takeHighestRss } from '../pipeline/process-usage.ts'
import type { RunningSilt } from '../pipeline/runs.ts'

/** What was resident of one process. */
export interface MemorySeries {
  readonly name: string
  /** The highest, MiB, while each part of the rows was committed; what came before the first commit counts to the first part. */
  readonly highestMiB: readonly number[]
}

const sampleMs = 50
const timeoutMs = 15 * 60_000

/** Follows what is resident of each process, part by part of the table's rows. */
export class MemoryWatch {
  readonly #silt: RunningSilt
  readonly #rowsOfPart: number
  readonly #log: LogWatch
  readonly #highest: number[][]
  #rows = 0

  constructor(silt: RunningSilt, rowsOfPart: number) {
    this.#silt = silt
    this.#rowsOfPart = rowsOfPart
    this.#log = new LogWatch(silt.store)
    this.#highest = silt.processes.map(() => [])
  }

  get series(): MemorySeries[] {
    const mebibytes = (highest: readonly number[]): number[] => highest.map((bytes) => bytes / 2 ** 20)
    return this.#silt.processes.map(({ name }, index) => ({ name, highestMiB: mebibytes(this.#highest[index] ?? []) }))
  }

  /** Until the table holds so many rows. */
  async until(rows: number): Promise<void> {
    const startedMs = performance.now()
    while (this.#rows < rows) {
      await delay(sampleMs)
      this.#sample(Math.floor(this.#rows / this.#rowsOfPart))
      this.#rows = (await this.#log.totals()).rows
      const isLate = performance.now() - startedMs > timeoutMs
      if (isLate) throw new Error(`${this.#rows} of ${rows} rows after ${timeoutMs} ms`)
    }
  }

  /** How often a unit thread of the writer has died or has let go of its memory by now. */
  async replaced(): Promise<number> {
    const writer = this.#silt.processes.find(({ name }) => name === 'writer')
    if (writer === undefined) throw new Error('there is no writer')
    return (await (await opsOf(writer)).scrape()).get('silt_encode_threads_replaced_total') ?? 0
  }

  #sample(part: number): void {
    for (const [index, { pid, name }] of this.#silt.processes.entries()) {
      const bytes = takeHighestRss(pid)
      if (bytes === undefined) throw new Error(`the ${name} has ended`)
      const parts = this.#highest[index] as number[]
      parts[part] = Math.max(parts[part] ?? 0, bytes)
    }
  }
}

import type { PortCall } from '../process.ts'
import type { CrashPoint } from './crash-point.ts'

interface Row {
  calls: number
  unanswered: number
  points: number
  run: number
}

/** What there was to be swept and what was, by actor and operation. */
export class Coverage {
  readonly #rows = new Map<string, Row>()

  asked(calls: readonly PortCall[], answered: readonly PortCall[]): void {
    for (const call of calls) this.#row(call).calls++
    for (const call of calls) this.#row(call).unanswered++
    for (const call of answered) this.#row(call).unanswered--
  }

  wanted(points: readonly CrashPoint[]): void {
    for (const point of points) this.#row(point).points++
  }

  /** The process died there, and was asking that. */
  reached(point: CrashPoint): void {
    this.#row(point).run++
  }

  /** `writer store.put`, ascending. */
  get operations(): readonly string[] {
    return [...this.#rows.keys()].toSorted()
  }

  get total(): Readonly<Row> {
    const total: Row = { calls: 0, unanswered: 0, points: 0, run: 0 }
    for (const row of this.#rows.values())
      for (const figure of ['calls', 'unanswered', 'points', 'run'] as const) total[figure] += row[figure]
    return total
  }

  get isWhole(): boolean {
    return [...this.#rows.values()].every(({ points, run }) => points === run)
  }

  /** One line. */
  get summary(): string {
    const { calls, unanswered, points, run } = this.total
    const share = points === 0 ? 0 : Math.floor((run / points) * 10_000) / 100
    const open =
      unanswered === 0 ? '' : ` (${unanswered} calls were unanswered when their run was over: one death each)`
    return `${calls} port calls, ${points} crash points, ${run} of them run: ${share} %${open}`
  }

  table(): string {
    const rows = this.operations.map((name) => [name, this.#rows.get(name)] as const)
    const line = (name: string, ...figures: readonly (string | number)[]): string =>
      name.padEnd(30) + figures.map((each) => String(each).padStart(13)).join('')
    return [
      line('actor and operation', 'port calls', 'unanswered', 'crash points', 'run'),
      ...rows.map(([name, row]) => line(name, row?.calls ?? 0, row?.unanswered ?? 0, row?.points ?? 0, row?.run ?? 0)),
    ].join('\n')
  }

  #row({ process, operation }: PortCall): Row {
    const name = operationOf({ process, operation })
    const row = this.#rows.get(name) ?? { calls: 0, unanswered: 0, points: 0, run: 0 }
    this.#rows.set(name, row)
    return row
  }
}

/** `writer store.put` */
export function operationOf({ process, operation }: Pick<PortCall, 'process' | 'operation'>): string {
  return `${process.slice(0, process.indexOf('-'))} ${operation}`
}

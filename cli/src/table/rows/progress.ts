import type { Terminal } from '../../terminal.ts'

const quietMs = 2000
const everyMs = { person: 500, log: 10_000 }

/** Tells on standard error how far something is that takes longer than two seconds. */
export class Progress {
  readonly #terminal: Terminal
  readonly #startedMs: number
  #toldMs: number

  constructor(terminal: Terminal) {
    this.#terminal = terminal
    this.#startedMs = terminal.clock.monotonicMs()
    this.#toldMs = this.#startedMs
  }

  tell(text: () => string): void {
    const nowMs = this.#terminal.clock.monotonicMs()
    if (nowMs - this.#startedMs < quietMs) return
    const isFirst = this.#toldMs === this.#startedMs
    if (!isFirst && nowMs - this.#toldMs < (this.#terminal.interactive ? everyMs.person : everyMs.log)) return
    this.#toldMs = nowMs
    this.#terminal.note(this.#terminal.interactive ? `\r\u001b[K${text()}` : `${text()}\n`)
  }

  /** Takes away the line that a person saw change. */
  end(): void {
    if (this.#terminal.interactive && this.#toldMs > this.#startedMs) this.#terminal.note('\r\u001b[K')
  }
}

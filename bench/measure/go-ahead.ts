import { createInterface, type Interface } from 'node:readline'

/** Waits for a line on stdin before each measurement, where that is asked for: machines that others use are made quiet meanwhile. */
export class GoAhead {
  readonly #input: Interface | undefined
  readonly #lines: AsyncIterator<string> | undefined

  constructor(isWaiting: boolean) {
    this.#input = isWaiting ? createInterface({ input: process.stdin }) : undefined
    this.#lines = this.#input?.[Symbol.asyncIterator]()
  }

  async before(what: string): Promise<void> {
    if (this.#lines === undefined) return
    console.error(`ready for ${what}: Enter`)
    await this.#lines.next()
  }

  close(): void {
    this.#input?.close()
  }
}

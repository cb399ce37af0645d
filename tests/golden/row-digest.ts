import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createHash } from 'node:crypto'

/** Tells whether two sets of rows are the same, each row as often, whatever their order and the order of their columns; of any size. */
export class RowDigest {
  count = 0
  #sum = 0n
  #rest = ''

  /** Some text of JSON lines; a line may come in pieces. */
  add(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#row(line)
  }

  get value(): { readonly count: number; readonly sum: bigint } {
    return { count: this.count, sum: this.#sum }
  }

  #row(line: string): void {
    const canonical = JSON.stringify(sorted(JSON.parse(line)))
    this.count++
    this.#sum = BigInt.asUintN(128, this.#sum + createHash('sha256').update(canonical).digest().readBigUInt64LE())
  }
}

export async function contentsOfFile(path: string): Promise<RowDigest> {
  const digest = new RowDigest()
  for await (const line of createInterface(createReadStream(path))) digest.add(`${line}\n`)
  return digest
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, each]) => [key, sorted(each)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

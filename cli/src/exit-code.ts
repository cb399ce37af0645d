import { isSiltError, type ErrorKind } from '@silt/core'

/** Exit codes of `silt`, as its help and the README list them. */
export const exitCodes = Object.freeze({
  ok: 0,
  failed: 1,
  usage: 2,
  unavailable: 3,
  refused: 4,
  unverifiable: 5,
})

export const exitCodeTable: readonly (readonly [code: number, meaning: string])[] = Object.freeze([
  [exitCodes.ok, 'done; for run --until-idle: every partition reached the end seen at start'],
  [exitCodes.failed, 'a check or an audit found a fault, or Silt met a bug of its own'],
  [exitCodes.usage, 'wrong arguments or settings; each is named'],
  [exitCodes.unavailable, 'broker, queue or store stayed away'],
  [
    exitCodes.refused,
    'the table or store was refused (feature, not adopted, parked, no put-if-absent); nothing was written',
  ],
  [exitCodes.unverifiable, 'an audit found no fault and could not prove the table: what would prove it is gone'],
])

const codeByKind: Readonly<Record<ErrorKind, number>> = {
  unavailable: exitCodes.unavailable,
  ambiguous: exitCodes.unavailable,
  conflict: exitCodes.failed,
  fenced: exitCodes.ok,
  data: exitCodes.failed,
  unsupported: exitCodes.refused,
  invalid: exitCodes.usage,
  internal: exitCodes.failed,
}

/** A command that ran to its end and found what it looks for; nothing is wrong with how it was called. */
export class FoundFault extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Refused tables whose remedy is a command, so their kind is that of a wrong setting. */
const refusedCodes: ReadonlySet<string> = new Set(['table/not-adopted'])

export function exitCodeOf(error: unknown): number {
  if (!isSiltError(error)) return exitCodes.failed
  return refusedCodes.has(error.code) ? exitCodes.refused : codeByKind[error.kind]
}

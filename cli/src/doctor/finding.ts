import { asSiltError } from '@silt/core'

/**
 * `ok`: as Silt needs it. `warn`: Silt runs, and someone should look. `fail`: Silt does not run, or not safely.
 * `skip`: not looked at, and why.
 */
export type Outcome = 'ok' | 'warn' | 'fail' | 'skip'

/** One line of the doctor's. */
export interface Finding {
  /** What was looked at: `kafka topic`. */
  readonly check: string
  readonly outcome: Outcome
  readonly detail: string
  /** What to do; there whenever something is wrong. */
  readonly remedy?: string
}

export function ok(check: string, detail: string): Finding {
  return { check, outcome: 'ok', detail }
}

export function warn(check: string, detail: string, remedy: string): Finding {
  return { check, outcome: 'warn', detail, remedy }
}

export function fail(check: string, detail: string, remedy: string): Finding {
  return { check, outcome: 'fail', detail, remedy }
}

export function skip(check: string, detail: string): Finding {
  return { check, outcome: 'skip', detail }
}

/** What went wrong while looking. The messages of Silt's errors name the setting at fault; the kind says the rest. */
export function failure(check: string, thrown: unknown): Finding {
  const { code, kind, message } = asSiltError(thrown)
  return { check, outcome: 'fail', detail: `${message} [${code}]`, remedy: remedyByKind[kind] }
}

const remedyByKind = {
  unavailable: 'start it, or let this machine reach it: address, port, DNS, firewall',
  ambiguous: 'look again: its answer was lost',
  conflict: 'look again: another was faster',
  fenced: 'look again: another has taken over',
  data: 'silt table check says what is broken; restore it from a backup',
  unsupported: 'use a store, table or broker that offers what is named',
  invalid: 'correct the setting or permission named',
  internal: 'report this as a bug of Silt',
} as const

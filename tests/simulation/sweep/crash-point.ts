import type { PortCall } from '../process.ts'

/**
 * Where in one call its process dies.
 * - `unsent`: just before it asks. `unheard`: it has been done, and the answer dies with the process.
 * - `heard`: just after the answer, with whatever that made it ask next already on its way.
 */
export type CrashWhen = 'unsent' | 'unheard' | 'heard'
const crashWhens: readonly CrashWhen[] = Object.freeze(['unsent', 'unheard', 'heard'])

/** One death: the same call of the same life is the same call in every run that was the same until then. */
export interface CrashPoint extends PortCall {
  readonly when: CrashWhen
}

/** One run of the sweep: a scenario and the deaths in it, each but the first in a life that followed from those before. */
export interface SweptRun {
  readonly scenario: string
  readonly deaths: readonly CrashPoint[]
}

/** `conflicts/committer-1#1:17:unheard`, with more deaths after `+`. */
export function nameOf({ scenario, deaths }: SweptRun): string {
  return `${scenario}/${deaths.map(({ process, index, when }) => `${process}:${index}:${when}`).join('+')}`
}

export interface NamedDeath {
  readonly process: string
  readonly index: number
  readonly when: CrashWhen
}

/** Reads what `nameOf` wrote, but for the operations. Undefined where it is no such name. */
export function parseName(
  name: string,
): { readonly scenario: string; readonly deaths: readonly NamedDeath[] } | undefined {
  const [scenario, rest] = name.split('/')
  if (scenario === undefined || rest === undefined) return undefined
  const deaths: NamedDeath[] = []
  for (const part of rest.split('+')) {
    const [, process, index, when] = /^([a-z]+-\d+#\d+):(\d+):(\w+)$/.exec(part) ?? []
    const known = crashWhens.find((each) => each === when)
    if (process === undefined || known === undefined) return undefined
    deaths.push({ process, index: Number(index), when: known })
  }
  return { scenario, deaths }
}

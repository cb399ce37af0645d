import { SiltError, type Clock } from '@silt/core'
import { failure, skip, type Finding } from './finding.ts'

/** One question, asked once. */
export interface Check {
  /** Also what its line is called where it fails or is skipped as a whole. */
  readonly name: string
  /** Checks that must go well first: without them the answer would say the same again. */
  readonly needs?: readonly string[]
  /** The same, where one of them is enough. */
  readonly needsOneOf?: readonly string[]
  run(): Promise<readonly Finding[]>
}

/**
 * Runs all checks at the same time, each for at most `timeoutMs`, and answers their findings in order. Never throws: whatever a check throws, or that it
 * does not end, is its finding, so that one component hides no other.
 */
export async function runChecks(
  checks: readonly Check[],
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
): Promise<readonly Finding[]> {
  const running = new Map<string, Promise<readonly Finding[]>>()
  for (const check of checks) {
    const well = (name: string): Promise<boolean> => running.get(name)?.then(wentWell) ?? Promise.resolve(true)
    running.set(
      check.name,
      whatFailed(check, well).then((failed) =>
        failed === undefined
          ? answered(check, clock, timeoutMs)
          : [skip(check.name, `not looked at, as "${failed}" did not go well`)],
      ),
    )
  }
  return (await Promise.all(running.values())).flat()
}

/** The name of what is missing for a check to make sense. */
async function whatFailed(
  { needs = [], needsOneOf = [] }: Check,
  well: (name: string) => Promise<boolean>,
): Promise<string | undefined> {
  for (const name of needs) if (!(await well(name))) return name
  for (const name of needsOneOf) if (await well(name)) return undefined
  return needsOneOf[0]
}

function wentWell(findings: readonly Finding[]): boolean {
  return findings.every(({ outcome }) => outcome === 'ok' || outcome === 'warn')
}

async function answered(check: Check, clock: Clock, timeoutMs: number): Promise<readonly Finding[]> {
  const over = new AbortController()
  const tooLate = clock.sleep(timeoutMs, over.signal).then(() => {
    throw new SiltError('unavailable', 'doctor/no-answer', `no answer within ${timeoutMs / 1000} s`)
  })
  tooLate.catch(() => undefined)
  try {
    return await Promise.race([check.run(), tooLate])
  } catch (error) {
    return [failure(check.name, error)]
  } finally {
    over.abort()
  }
}

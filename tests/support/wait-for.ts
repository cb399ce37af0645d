import { setTimeout as delay } from 'node:timers/promises'

/** Asks until the answer is there; throws `what` with the last answer once the deadline has passed. */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  deadlineMs = 90_000,
  everyMs = 100,
): Promise<T> {
  const endMs = performance.now() + deadlineMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > endMs) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`)
    await delay(everyMs)
  }
}

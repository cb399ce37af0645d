import { expect } from 'vitest'
import type { Deployment } from './deployment.ts'
import { expectExactlyOnce, type PlacesReport } from './exactly-once.ts'
import { SiltProcess } from './silt-process.ts'
import { topicEnds } from './topics.ts'

const idleMsMax = 240_000

/**
 * Waits with `silt run ingestor --until-idle` until all is committed; then each record is there once, by delta-rs and by `silt audit`, and
 * the table is sound. `context` is printed when the wait fails.
 */
export async function expectSettled(target: Deployment, context: () => string): Promise<PlacesReport> {
  await untilIdle(target, context)
  const ends = await topicEnds(target.environment['KAFKA_BOOTSTRAP_SERVERS'] ?? '', target.topic)
  return expectExactlyOnce(target, ends)
}

/** Resolves once everything readable now is committed. */
export async function untilIdle(target: Deployment, context: () => string): Promise<void> {
  const idle = new SiltProcess('until-idle', ['run', 'ingestor', '--until-idle'], {
    ...target.environment,
    SHUTDOWN_DEADLINE_MS: '5000',
  })
  const deadline = setTimeout(() => void idle.kill(), idleMsMax)
  const code = await idle.ended
  clearTimeout(deadline)
  expect(code, `${idle.tail()}\n${context()}`).toBe(0)
}

import { commitKey } from '@silt/delta'
import { asSiltError, type JobQueue, type SiltError } from '@silt/core'
import type { ActorName, ProcessParts } from './process-parts.ts'

/** What does not answer by then is away, and waited for by whoever needs it. */
const checkMsMax = 5_000

/**
 * Reaches what these actors need as they will, so that what is refused ends the process before it begins: a wrong password, an unknown user, a
 * missing permission, a certificate nobody trusts. What is away passes. Errors: the first refusal, `…/denied` and its like (invalid); others are logged.
 */
export async function checkStart(
  actors: readonly ActorName[],
  parts: ProcessParts,
  signal: AbortSignal,
): Promise<void> {
  const ended = new AbortController()
  const refusals: SiltError[] = []
  const checks = checksOf(actors, parts).map((check) =>
    check().catch((thrown: unknown) => {
      const error = asSiltError(thrown)
      if (error.kind === 'invalid' || error.kind === 'unsupported') refusals.push(error)
    }),
  )
  const tooLate = parts.terminal.clock.sleep(checkMsMax, AbortSignal.any([signal, ended.signal]))
  await Promise.race([Promise.all(checks), tooLate])
  ended.abort()
  const [first, ...others] = refusals
  for (const error of others) parts.log.error({ error, table: parts.table.label }, 'refused at start')
  if (first !== undefined) throw first
}

type Check = () => Promise<unknown>

function checksOf(actors: readonly ActorName[], { settings, source, queues, table }: ProcessParts): readonly Check[] {
  const checks: Check[] = [() => table.store.get(commitKey(0))]
  if (actors.some((actor) => actor !== 'committer'))
    checks.push(async () => source.checkReadable?.(settings.KAFKA_TOPIC))
  const { check, lease } = queues
  if (check === undefined) return checks
  const used = (queue: readonly JobQueue[]): readonly Check[] => queue.map((each) => () => each.depth())
  checks.push(check, ...used(queues.commit))
  if (actors.some((actor) => actor !== 'committer')) checks.push(...used(queues.write))
  // Gives up what nobody of this name holds: a question that changes nothing.
  if (actors.includes('committer')) checks.push(() => lease.release('start check'))
  return checks
}

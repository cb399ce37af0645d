import { commitKey } from '@silt/delta'
import { asSiltError, type Clock, type JobQueue, type SiltError } from '@silt/core'
import type { ActorName, ProcessParts } from './process-parts.ts'

/** What does not answer by then is away, and waited for by whoever needs it. */
const checkMsMax = 5_000
/** How long after an answer that settles nothing it is asked again. */
const askAgainMs = 5_000

/** What a start leaves open: everything that was away, or had not answered yet. */
export interface OpenChecks {
  /**
   * Hears late answers and asks again what is away, until all have answered well (undefined) or one has refused twice in a row: once may be a server
   * that has only just come up. Undefined as well when `signal` aborts.
   */
  refusal(signal: AbortSignal): Promise<SiltError | undefined>
}

/**
 * Reaches what these actors need as they will, so that what is refused ends the process before it begins: a wrong password, an unknown user, a
 * missing permission, a certificate nobody trusts. What is away passes, for now. Errors: the first refusal, `…/denied` and its like (invalid); others
 * are logged.
 */
export async function checkStart(
  actors: readonly ActorName[],
  parts: ProcessParts,
  signal: AbortSignal,
): Promise<OpenChecks> {
  const ended = new AbortController()
  const asked = checksOf(actors, parts).map((check): Asked => ({ check, answer: ask(check) }))
  const answers = new Map<Asked, Answer>()
  const all = asked.map(async (each) => void answers.set(each, await each.answer))
  const { clock } = parts.terminal
  const tooLate = clock.sleep(checkMsMax, AbortSignal.any([signal, ended.signal]))
  await Promise.race([Promise.all(all), tooLate])
  ended.abort()
  const [first, ...others] = [...answers.values()].filter(isRefusal)
  for (const error of others) parts.log.error({ error, table: parts.table.label }, 'refused at start')
  if (first !== undefined) throw first
  const open = asked.filter((each) => answers.get(each) !== 'well')
  return { refusal: (until) => firstRefusal(open, clock, until) }
}

type Check = () => Promise<unknown>
type Answer = 'well' | SiltError

interface Asked {
  readonly check: Check
  readonly answer: Promise<Answer>
}

function ask(check: Check): Promise<Answer> {
  return check().then(
    () => 'well',
    (thrown: unknown) => asSiltError(thrown),
  )
}

function isRefusal(answer: Answer): answer is SiltError {
  return answer !== 'well' && (answer.kind === 'invalid' || answer.kind === 'unsupported')
}

async function firstRefusal(open: readonly Asked[], clock: Clock, signal: AbortSignal): Promise<SiltError | undefined> {
  const settled = new AbortController()
  const over = AbortSignal.any([signal, settled.signal])
  const aborted = new Promise<undefined>((resolve) => {
    if (over.aborted) resolve(undefined)
    else over.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  const checks = open.map((each) => refusalOf(each, clock, over, aborted))
  const refused = new Promise<SiltError>((resolve) => {
    for (const check of checks) void check.then((error) => error !== undefined && resolve(error))
  })
  const first = await Promise.race([refused, Promise.all(checks).then(() => undefined)])
  settled.abort()
  return first
}

async function refusalOf(
  { check, answer }: Asked,
  clock: Clock,
  signal: AbortSignal,
  aborted: Promise<undefined>,
): Promise<SiltError | undefined> {
  let wasRefused = false
  for (let next = answer; ; next = ask(check)) {
    const heard = await Promise.race([next, aborted])
    if (heard === undefined || heard === 'well') return undefined
    if (isRefusal(heard) && wasRefused) return heard
    wasRefused = isRefusal(heard)
    await clock.sleep(askAgainMs, signal)
    if (signal.aborted) return undefined
  }
}

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

import { SiltError, systemClock, type Clock } from '@silt/core'
import { ManualClock, silentLog } from '@silt/core/testing'
import { describe, expect, test } from 'vitest'
import { checkStart } from '../../src/compose/check-start.ts'
import type { ActorName, ProcessParts } from '../../src/compose/process-parts.ts'

type Answer = () => Promise<unknown>
const fine: Answer = () => Promise.resolve()
const refusing =
  (code: string): Answer =>
  () =>
    Promise.reject(new SiltError('invalid', code, `${code}: correct THE_SETTING`))
const away: Answer = () => Promise.reject(new SiltError('unavailable', 'source/unavailable', 'away'))

interface Answers {
  readonly store?: Answer
  readonly source?: Answer
  readonly queues?: Answer
  readonly lease?: Answer
  readonly clock?: Clock
}

function start(actor: ActorName, { store = fine, source = fine, queues = fine, lease = fine, clock }: Answers) {
  const parts = {
    settings: { KAFKA_TOPIC: 'events' },
    table: { label: 'events', store: { get: store } },
    source: { checkReadable: source },
    queues: { check: queues, write: [{ depth: fine }], commit: [{ depth: fine }], lease: { release: lease } },
    terminal: { clock: clock ?? systemClock },
    log: silentLog,
  }
  return checkStart([actor], parts as unknown as ProcessParts, new AbortController().signal)
}

test('what is refused ends the start, whoever refuses', async () => {
  await expect(start('writer', { source: refusing('source/denied') })).rejects.toMatchObject({ code: 'source/denied' })
  await expect(start('ingestor', { store: refusing('store/denied') })).rejects.toMatchObject({ code: 'store/denied' })
  await expect(start('committer', { lease: refusing('queue/denied') })).rejects.toMatchObject({ code: 'queue/denied' })
})

test('an actor is asked for nothing that it does not need: no Kafka for the committer, no lease for a writer', async () => {
  await start('committer', { source: refusing('source/denied') })
  await start('writer', { lease: refusing('queue/denied') })
})

test('what is away is waited for by whoever needs it, and what never answers holds up nobody', async () => {
  await start('writer', { source: away })
  const clock = { ...systemClock, sleep: () => Promise.resolve() }
  await start('writer', { store: () => new Promise(() => undefined), clock })
})

describe('what a start leaves open', () => {
  const running = new AbortController()
  const late = { settled: undefined as { refusal: SiltError | undefined } | undefined }

  /** A start after 5 s of which `queues` has not answered yet, or was away; what comes of it is in `late`. */
  async function startedWith(queues: Answer): Promise<ManualClock> {
    const clock = new ManualClock()
    const starting = start('writer', { queues, clock })
    await clock.advance(5000)
    const open = await starting
    late.settled = undefined
    void open.refusal(running.signal).then((refusal) => (late.settled = { refusal }))
    return clock
  }

  test('a refusal that comes later is heard, and ends the process once it is said again', async () => {
    const slow = Promise.withResolvers<unknown>()
    const answers: Answer[] = [() => slow.promise, refusing('queue/denied')]
    const clock = await startedWith(() => (answers.shift() ?? fine)())
    slow.reject(new SiltError('invalid', 'queue/denied', 'wrong password'))
    await clock.advance(4999)
    expect(late.settled).toBeUndefined()
    await clock.advance(1)
    expect(late.settled).toMatchObject({ refusal: { code: 'queue/denied' } })
  })

  test('what was away is asked again until it answers, and then refuses or does not', async () => {
    const answers = [away, away, away, refusing('queue/denied'), refusing('queue/denied')]
    const clock = await startedWith(() => (answers.shift() ?? fine)())
    await clock.advance(15_000)
    expect(late.settled).toBeUndefined()
    await clock.advance(5000)
    expect(late.settled).toMatchObject({ refusal: { code: 'queue/denied' } })
  })

  test('a server that refuses once while it comes up ends nothing', async () => {
    const answers = [away, refusing('queue/denied'), away, refusing('queue/denied')]
    const clock = await startedWith(() => (answers.shift() ?? fine)())
    await clock.advance(60_000)
    expect(late.settled).toEqual({ refusal: undefined })
  })

  test('a process that ends waits for no answer', async () => {
    await startedWith(() => new Promise(() => undefined))
    running.abort()
    await expect.poll(() => late.settled).toEqual({ refusal: undefined })
  })
})

import { SiltError, systemClock, type Clock } from '@silt/core'
import { silentLog } from '@silt/core/testing'
import { expect, test } from 'vitest'
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

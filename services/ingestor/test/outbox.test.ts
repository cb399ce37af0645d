import { SiltError, type JobQueue, type Json } from '@silt/core'
import { expect, test } from 'vitest'
import { Outbox } from '../src/outbox.ts'

function scriptedQueue(failures: Error[]): { readonly queue: JobQueue; readonly added: string[] } {
  const added: string[] = []
  const add = ({ id }: { id: string; data: Json }): Promise<void> => {
    const failure = failures.shift()
    if (failure !== undefined) return Promise.reject(failure)
    added.push(id)
    return Promise.resolve()
  }
  return { queue: { add } as unknown as JobQueue, added }
}

const away = new SiltError('unavailable', 'queue/unavailable', 'away')

test('keeps what a queue that is away did not take, in order, and sends it at the next flush', async () => {
  const { queue, added } = scriptedQueue([away])
  const errors: unknown[] = []
  const outbox = new Outbox((error) => errors.push(error))
  for (const id of ['a', 'b', 'b']) outbox.put({ queue, id, data: null })
  outbox.flush()
  await outbox.settled()
  expect(added).toEqual([])
  expect(errors).toEqual([away])
  outbox.put({ queue, id: 'c', data: null })
  outbox.keep((id) => id !== 'b')
  outbox.flush()
  await outbox.settled()
  expect(added).toEqual(['a', 'c'])
})

test('what trying again cannot mend is thrown at the next flush', async () => {
  const { queue } = scriptedQueue([new SiltError('invalid', 'queue/denied', 'refused')])
  const outbox = new Outbox(() => undefined)
  outbox.put({ queue, id: 'a', data: null })
  outbox.flush()
  await outbox.settled()
  expect(() => outbox.flush()).toThrow('refused')
})

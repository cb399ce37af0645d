import type { ObjectStore, PutIfAbsentResult } from '@silt/core'
import { SiltError } from '@silt/core'
import { noConditionalPutError } from './s3-errors.ts'

const roundsMax = 5
const bodies = [
  Buffer.from('Silt asks whether this store refuses\n'),
  Buffer.from('a second put of the same name.\n'),
] as const

/**
 * Proves that the store refuses a second put-if-absent (I11), by putting `key` twice with different bodies. The object stays:
 * a key left by an earlier start, or put by a probe running beside this one, proves as much, since nobody deletes it.
 *
 * 1. The first put leaves something there, whoever put it.
 * 2. The second must answer `exists`; `created` is the proof against the store.
 * 3. What was there before the second put is there after it: a refusal that writes is none.
 *
 * Throws `store/no-put-if-absent` (unsupported) with the remedy, `store/unavailable` when no answer could be had.
 */
export async function probePutIfAbsent(store: ObjectStore, key: string): Promise<void> {
  for (let round = 0; round < roundsMax; round++) {
    const first = await store.putIfAbsent(key, bodies[0])
    const before = await store.get(key)
    // The first put's answer was lost and it has not landed (yet), or someone deleted the key.
    if (before.kind === 'missing') continue
    if (first.kind === 'created' && !sameBytes(before.body, bodies[0]))
      throw noConditionalPutError(store.location, undefined)

    const second: PutIfAbsentResult = await store.putIfAbsent(key, bodies[1])
    if (second.kind === 'created') throw noConditionalPutError(store.location, undefined)
    const after = await store.get(key)
    if (after.kind === 'missing') continue
    if (!sameBytes(before.body, after.body)) throw noConditionalPutError(store.location, undefined)
    if (second.kind === 'exists') return
  }
  throw new SiltError(
    'unavailable',
    'store/unavailable',
    `could not learn in ${roundsMax} rounds whether ${store.location} refuses a second put: answers were lost or ${key} was deleted`,
    { context: { location: store.location, key } },
  )
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0
}

import type { PutIfAbsentResult } from '@silt/core'
import { CleanableStore } from './cleanable-store.ts'

/** A store that, asked to, says `created` and keeps nothing: a quorum that was lost after the answer. */
export class ForgetfulStore extends CleanableStore {
  forgetNext = false

  override putIfAbsent(key: string, body: Uint8Array): Promise<PutIfAbsentResult> {
    if (!this.forgetNext) return super.putIfAbsent(key, body)
    this.forgetNext = false
    return Promise.resolve({ kind: 'created', storeTimeMs: 0 })
  }
}

import type { ByteSource, ObjectStore } from '@silt/core'
import { logChanged } from '../errors.ts'

/** An object no larger is read by one request and is in memory as a whole. */
const wholeBytesMax = 8 * 1024 * 1024

/** An object of the log, read part by part where it is large. */
export interface ObjectSource extends ByteSource {
  /**
   * Throws `delta/log-changed` (unavailable) where another object stands under the name since the first byte was read: checkpoints may be written anew,
   * and parts of two would be one that nobody wrote.
   */
  requireSame(): Promise<void>
}

/** Errors: `delta/log-changed` (unavailable) where nothing is there, the store's. */
export async function objectSource(store: ObjectStore, key: string): Promise<ObjectSource> {
  const first = await store.get(key, { startByte: 0, endByteExclusive: wholeBytesMax })
  if (first.kind === 'missing') throw logChanged(store.location, key)
  if (first.body.length !== wholeBytesMax) return wholeSource(first.body)
  const info = await store.head(key)
  if (info === undefined) throw logChanged(store.location, key)
  const { sizeBytes, modifiedMs } = info
  return {
    sizeBytes,
    async read(startByte, endByteExclusive) {
      const part = await store.get(key, { startByte, endByteExclusive })
      if (part.kind === 'missing' || part.body.length !== endByteExclusive - startByte)
        throw logChanged(store.location, key)
      return part.body
    },
    async requireSame() {
      const now = await store.head(key)
      if (now?.sizeBytes !== sizeBytes || now.modifiedMs !== modifiedMs) throw logChanged(store.location, key)
    },
  }
}

function wholeSource(body: Uint8Array): ObjectSource {
  return {
    sizeBytes: body.length,
    read: async (startByte, endByteExclusive) => body.subarray(startByte, endByteExclusive),
    requireSame: async () => undefined,
  }
}

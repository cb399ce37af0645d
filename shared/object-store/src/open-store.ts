import { fileURLToPath } from 'node:url'
import type { ObjectRemoval, ObjectStore } from '@silt/core'
import { shouldRetry, SiltError } from '@silt/core'
import { LocalStore } from './local-store.ts'
import { ObservedStore, type StoreCall } from './observed-store.ts'
import { beginCourse, type RetryOptions } from './retry-course.ts'
import { RetryingStore } from './retrying-store.ts'
import type { S3Settings } from './s3-connection.ts'
import { S3Store } from './s3-store.ts'

export interface OpenStoreOptions extends RetryOptions {
  /** Hears how every single try ended. */
  readonly onCall?: (call: StoreCall) => void
}

/**
 * The store at `location`: `s3://bucket/prefix`, a folder's path or its `file://` URL; retried by error kind.
 * Nothing is read or written yet. Throws `store/invalid-location` and `store/http-not-allowed` (invalid).
 */
export function openStore(location: string, s3: S3Settings, deps: OpenStoreOptions): ObjectStore {
  const once = openOnce(location, s3, deps)
  return new RetryingStore(deps.onCall === undefined ? once : new ObservedStore(once, deps.onCall), deps)
}

/** Takes objects of one store away, until it is closed. */
export interface OpenRemoval extends ObjectRemoval {
  close(): Promise<void>
}

/**
 * The right to take objects of the store at `location` away, for upkeep alone; retried by error kind, after a lost answer too.
 * Errors at once: as `openStore`.
 */
export function openRemoval(location: string, s3: S3Settings, retry: RetryOptions): OpenRemoval {
  const once = openOnce(location, s3, retry)
  const closing = new AbortController()
  return {
    async remove(key) {
      const course = beginCourse(retry, { operation: 'remove', key, signal: closing.signal })
      for (;;)
        try {
          await once.remove(key)
          return
        } catch (error) {
          if (!shouldRetry(error) || !(await course.again(error))) throw error
        }
    },
    async close() {
      closing.abort()
      await once.close()
    },
  }
}

function openOnce(location: string, s3: S3Settings, retry: RetryOptions): ObjectStore & ObjectRemoval {
  const { clock, random } = retry
  if (location.startsWith('s3://')) return new S3Store({ location, settings: s3, clock, retry })
  if (location.startsWith('file://')) return new LocalStore({ folder: fileURLToPath(location), clock, random })
  if (location === '' || /^[a-z][a-z0-9+.-]*:\/\//i.test(location)) {
    const message = `${JSON.stringify(location)} is neither s3://bucket/prefix nor a folder; correct DELTA_TABLE_PATH`
    throw new SiltError('invalid', 'store/invalid-location', message)
  }
  return new LocalStore({ folder: location, clock, random })
}

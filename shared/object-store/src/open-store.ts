import { fileURLToPath } from 'node:url'
import type { ObjectStore } from '@silt/core'
import { SiltError } from '@silt/core'
import { LocalStore } from './local-store.ts'
import { ObservedStore, type StoreCall } from './observed-store.ts'
import type { RetryOptions } from './retry-course.ts'
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

function openOnce(location: string, s3: S3Settings, retry: RetryOptions): ObjectStore {
  const { clock, random } = retry
  if (location.startsWith('s3://')) return new S3Store({ location, settings: s3, clock, retry })
  if (location.startsWith('file://')) return new LocalStore({ folder: fileURLToPath(location), clock, random })
  if (location === '' || /^[a-z][a-z0-9+.-]*:\/\//i.test(location)) {
    const message = `${JSON.stringify(location)} is neither s3://bucket/prefix nor a folder; correct DELTA_TABLE_PATH`
    throw new SiltError('invalid', 'store/invalid-location', message)
  }
  return new LocalStore({ folder: location, clock, random })
}

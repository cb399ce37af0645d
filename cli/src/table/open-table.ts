import { openStore, type S3Settings, type StoreCall } from '@silt/object-store'
import type { BackoffPolicy, ObjectStore, Random } from '@silt/core'
import type { Settings } from '@silt/config'
import { deadLetterTablePath, tableLabel } from '@silt/contracts'
import { awsCredentials, caBundle, type IdentityDeps } from '../compose/identities.ts'

/** The stores of one table and of its dead letters, and the name metrics and queues use. */
export interface OpenTable {
  readonly path: string
  readonly deadLetterPath: string
  readonly label: string
  readonly store: ObjectStore
  readonly deadLetterStore: ObjectStore
  close(): Promise<void>
}

export interface OpenTableDeps extends IdentityDeps {
  readonly random: Random
  /** Hears how every request to either store ended. */
  readonly onStoreCall?: (call: StoreCall) => void
  /** How often a call is tried; default: until the store's own budget is spent. */
  readonly storeTries?: BackoffPolicy
}

export function openTable(settings: Settings, options: OpenTableDeps): OpenTable {
  const { clock, random, onStoreCall, storeTries } = options
  const path = settings.DELTA_TABLE_PATH
  const s3 = s3Settings(settings, options)
  const deps = {
    clock,
    random,
    ...(onStoreCall === undefined ? {} : { onCall: onStoreCall }),
    ...(storeTries === undefined ? {} : { policy: storeTries }),
  }
  const store = openStore(path, s3, deps)
  const deadLetterPath = deadLetterTablePath(path)
  const deadLetterStore = openStore(deadLetterPath, s3, deps)
  return {
    path,
    deadLetterPath,
    label: tableLabel(path),
    store,
    deadLetterStore,
    close: async () => {
      await store.close()
      await deadLetterStore.close()
    },
  }
}

export function s3Settings(settings: Settings, deps: IdentityDeps): S3Settings {
  const { endpoint, region, allowHttp } = {
    endpoint: settings.AWS_ENDPOINT_URL,
    region: settings.AWS_REGION,
    allowHttp: settings.AWS_ALLOW_HTTP,
  }
  // Nothing of a folder's table is to ask for keys, or for a bundle of authorities.
  if (!settings.DELTA_TABLE_PATH.startsWith('s3://')) return { endpoint, region, allowHttp }
  return { endpoint, region, allowHttp, credentials: awsCredentials(settings, deps), ca: caBundle(settings, deps) }
}

/** Whether a commit counts only once it has been read back (I11). */
export function readsBack(settings: Settings): boolean {
  return (
    settings.COMMIT_READ_BACK === 'on' ||
    (settings.COMMIT_READ_BACK === 'auto' && settings.AWS_ENDPOINT_URL !== undefined)
  )
}

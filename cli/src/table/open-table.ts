import { openStore, type S3Settings, type StoreCall } from '@silt/object-store'
import type { Clock, ObjectStore, Random } from '@silt/core'
import type { Settings } from '@silt/config'
import { deadLetterTablePath, tableLabel } from '@silt/contracts'

/** The stores of one table and of its dead letters, and the name metrics and queues use. */
export interface OpenTable {
  readonly path: string
  readonly label: string
  readonly store: ObjectStore
  readonly deadLetterStore: ObjectStore
  close(): Promise<void>
}

export interface OpenTableDeps {
  readonly clock: Clock
  readonly random: Random
  /** Hears how every request to either store ended. */
  readonly onStoreCall?: (call: StoreCall) => void
}

export function openTable(settings: Settings, { clock, random, onStoreCall }: OpenTableDeps): OpenTable {
  const path = settings.DELTA_TABLE_PATH
  const s3 = s3Settings(settings)
  const deps = { clock, random, ...(onStoreCall === undefined ? {} : { onCall: onStoreCall }) }
  const store = openStore(path, s3, deps)
  const deadLetterStore = openStore(deadLetterTablePath(path), s3, deps)
  return {
    path,
    label: tableLabel(path),
    store,
    deadLetterStore,
    close: async () => {
      await store.close()
      await deadLetterStore.close()
    },
  }
}

export function s3Settings(settings: Settings): S3Settings {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = settings
  return {
    endpoint: settings.AWS_ENDPOINT_URL,
    region: settings.AWS_REGION,
    allowHttp: settings.AWS_ALLOW_HTTP,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined
        ? undefined
        : { accessKeyId, secretAccessKey, sessionToken },
  }
}

/** Whether a commit counts only once it has been read back (I11). */
export function readsBack(settings: Settings): boolean {
  return (
    settings.COMMIT_READ_BACK === 'on' ||
    (settings.COMMIT_READ_BACK === 'auto' && settings.AWS_ENDPOINT_URL !== undefined)
  )
}

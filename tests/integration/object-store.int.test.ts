import { systemClock, systemRandom } from '@silt/core'
import type { ObjectStore } from '@silt/core'
import { openStore } from '@silt/object-store'
import { objectStoreContract } from '@silt/object-store/contract'
import { inject } from 'vitest'

const { minio, versitygw } = inject('servers')

// As Silt is deployed: every store through openStore, by a user who may use one bucket and nothing else.
for (const [name, { endpoint, region, bucket, accessKeyId, secretAccessKey }] of Object.entries({ minio, versitygw })) {
  objectStoreContract(`${name}, by a user limited to the bucket`, () => {
    const location = `s3://${bucket}/contract ${systemRandom.uuid()}/tables`
    const settings = { endpoint, region, credentials: { accessKeyId, secretAccessKey }, allowHttp: true }
    const stores: ObjectStore[] = []
    const client = (): ObjectStore => {
      const store = openStore(location, settings, { clock: systemClock, random: systemRandom })
      stores.push(store)
      return store
    }
    const close = async (): Promise<void> => {
      await Promise.all(stores.map((store) => store.close()))
    }
    return Promise.resolve({ client, close })
  })
}

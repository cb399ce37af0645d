import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { systemClock, systemRandom } from '@silt/core'
import { objectRemovalContract, type RemovalRoot } from '../contract/object-removal-contract.ts'
import { objectStoreContract, type ContractRoot } from '../contract/object-store-contract.ts'
import { s3FaultContract, type S3Target } from '../contract/s3-fault-contract.ts'
import { s3MultipartContract } from '../contract/s3-multipart-contract.ts'
import { S3Store } from '../src/s3-store.ts'

// A live server: SILT_TEST_S3_ENDPOINT, _ACCESS_KEY_ID, _SECRET_ACCESS_KEY, and _BUCKET, which is made if it is not there.
const target: S3Target = {
  endpoint: required('SILT_TEST_S3_ENDPOINT'),
  region: 'us-east-1',
  bucket: process.env['SILT_TEST_S3_BUCKET'] ?? 'silt-test',
  credentials: {
    accessKeyId: required('SILT_TEST_S3_ACCESS_KEY_ID'),
    secretAccessKey: required('SILT_TEST_S3_SECRET_ACCESS_KEY'),
  },
}

for (const contract of [objectStoreContract, objectRemovalContract]) contract(`S3 at ${target.endpoint}`, emptyRoot)

async function emptyRoot(): Promise<ContractRoot & RemovalRoot> {
  await makeBucket()
  const { endpoint, region, credentials, bucket } = target
  const location = `s3://${bucket}/contract ${systemRandom.uuid()}/tables`
  const stores: S3Store[] = []
  const client = (): S3Store => {
    const store = new S3Store({
      location,
      settings: { endpoint, region, credentials, allowHttp: true },
      clock: systemClock,
      pageKeysMax: 7,
    })
    stores.push(store)
    return store
  }
  return {
    client,
    close: async () => {
      await Promise.all(stores.map(async (store) => await store.close()))
    },
  }
}

for (const contract of [s3FaultContract, s3MultipartContract]) {
  contract(`S3 at ${target.endpoint}`, async () => {
    await makeBucket()
    return target
  })
}

async function makeBucket(): Promise<void> {
  const client = new S3Client({ ...target, forcePathStyle: true })
  await client.send(new CreateBucketCommand({ Bucket: target.bucket })).catch((error: unknown) => {
    if (!(error instanceof Error && /^BucketAlready/.test(error.name))) throw error
  })
  client.destroy()
}

function required(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`${name} must name a live S3 server`)
  return value
}

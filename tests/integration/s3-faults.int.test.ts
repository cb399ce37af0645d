import { s3FaultContract } from '@silt/object-store/contract/s3-faults'
import { inject } from 'vitest'

// By the server's owner: who may use one bucket only is told "denied" of any other, whether it is there or not.
const { endpoint, region, bucket, root } = inject('servers').minio

s3FaultContract('minio', () => Promise.resolve({ endpoint, region, bucket, credentials: root }))

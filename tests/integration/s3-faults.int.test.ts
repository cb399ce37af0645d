import { s3FaultContract, type S3Target } from '@silt/object-store/contract/s3-faults'
import { s3MultipartContract } from '@silt/object-store/contract/s3-multipart'
import { inject } from 'vitest'

const { minio, versitygw } = inject('servers')

// By the server's owner: who may use one bucket only is told "denied" of any other, whether it is there or not.
const owned = ({ endpoint, region, bucket, root }: typeof minio): Promise<S3Target> =>
  Promise.resolve({ endpoint, region, bucket, credentials: root })

s3FaultContract('minio', () => owned(minio))
s3MultipartContract('minio', () => owned(minio))
s3MultipartContract('versitygw', () => owned(versitygw))

import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto'
import type { S3Settings } from './s3-settings.ts'
import { requireSigned, type S3Credentials } from './signed-request.ts'

const ADMIN = '/minio/admin/v3'
const POLICY = 'bucket-user'

/** Makes the settings' user and lets it read, write, list and delete in the settings' bucket, nothing else. */
export function addBucketUser(settings: S3Settings): Promise<void> {
  return addUser(settings, settings, POLICY, JSON.stringify(bucketPolicy(settings.bucket)))
}

/** Makes a user, or gives it this secret, with this one policy (JSON) and no other. */
export async function addUser(
  { endpoint, root, ca }: S3Settings,
  { accessKeyId, secretAccessKey }: S3Credentials,
  policyName: string,
  policy: string,
): Promise<void> {
  const put = (path: string, query: Readonly<Record<string, string>>, body?: Uint8Array | string): Promise<void> =>
    requireSigned(endpoint, root, { method: 'PUT', path, query, ...(body === undefined ? {} : { body }) }, ca)
  await put(`${ADMIN}/add-canned-policy`, { name: policyName }, policy)
  const user = JSON.stringify({ secretKey: secretAccessKey, status: 'enabled' })
  await put(`${ADMIN}/add-user`, { accessKey: accessKeyId }, encryptForAdmin(root.secretAccessKey, user))
  await put(`${ADMIN}/set-user-or-group-policy`, { policyName, userOrGroup: accessKeyId, isGroup: 'false' })
}

function bucketPolicy(bucket: string): unknown {
  const onBucket = ['s3:ListBucket', 's3:GetBucketLocation', 's3:ListBucketMultipartUploads']
  const onObjects = [
    's3:GetObject',
    's3:PutObject',
    's3:DeleteObject',
    's3:AbortMultipartUpload',
    's3:ListMultipartUploadParts',
  ]
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: onBucket, Resource: [`arn:aws:s3:::${bucket}`] },
      { Effect: 'Allow', Action: onObjects, Resource: [`arn:aws:s3:::${bucket}/*`] },
    ],
  }
}

/**
 * MinIO's admin API takes secrets encrypted under the caller's own secret:
 *
 *     salt:32 | 0x02 (PBKDF2-SHA256 8192 rounds, AES-256-GCM) | nonce:8 | one sealed fragment
 *
 * Fragment n of the stream is sealed under nonce ‖ n:uint32le; fragment 0 is empty and its tag, after the byte that marks the
 * last fragment, is the associated data of the rest.
 */
function encryptForAdmin(secret: string, plain: string): Buffer {
  const salt = randomBytes(32)
  const nonce = randomBytes(8)
  const key = pbkdf2Sync(secret, salt, 8192, 32, 'sha256')
  const seal = (fragment: number, data: string, associated: Buffer): Buffer => {
    const sequence = Buffer.alloc(4)
    sequence.writeUInt32LE(fragment)
    const cipher = createCipheriv('aes-256-gcm', key, Buffer.concat([nonce, sequence]))
    cipher.setAAD(associated)
    return Buffer.concat([cipher.update(data, 'utf8'), cipher.final(), cipher.getAuthTag()])
  }
  const lastFragment = Buffer.concat([Buffer.of(0x80), seal(0, '', Buffer.alloc(0))])
  return Buffer.concat([salt, Buffer.of(0x02), nonce, seal(1, plain, lastFragment)])
}

import { SiltError } from '@silt/core'
import { isKey } from './object-key.ts'

/** A bucket and the prefix its keys begin with: empty, or ending in `/`. */
export interface S3Location {
  readonly bucket: string
  readonly keyPrefix: string
}

const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/

/** Reads `s3://bucket/prefix`; throws `store/invalid-location`, naming the setting. */
export function parseS3Location(location: string): S3Location {
  const [bucket = '', ...rest] = location.slice('s3://'.length).replace(/\/+$/, '').split('/')
  const path = rest.join('/')
  if (!location.startsWith('s3://') || !bucketName.test(bucket) || (path !== '' && !isKey(path))) {
    const message = `${JSON.stringify(location)} is no s3://bucket/prefix (a bucket has 3-63 characters a-z 0-9 . -); correct DELTA_TABLE_PATH`
    throw new SiltError('invalid', 'store/invalid-location', message)
  }
  return { bucket, keyPrefix: path === '' ? '' : `${path}/` }
}

export function s3LocationText({ bucket, keyPrefix }: S3Location): string {
  return `s3://${bucket}/${keyPrefix}`.replace(/\/$/, '')
}

import { SiltError, tlsFault, tlsRemedy, type TlsSettingNames } from '@silt/core'

/** What is being asked of the store, for messages and for what a failure means. */
export interface S3Call {
  /** `upload`: a piece of what nobody sees before all of it is there. */
  readonly does: 'read' | 'write' | 'list' | 'upload' | 'delete'
  readonly location: string
  readonly key: string
}

/**
 * A failed call, without the vendor's types. `refused`: the store answered that it did not do it. `not-sent`: it never
 * heard of it. `lost`: anything may have happened, which after a write means that it may have landed, now or later.
 */
export interface S3Failure {
  readonly fate: 'refused' | 'not-sent' | 'lost'
  /** HTTP status, 0 without an answer. */
  readonly status: number
  /** S3's error code (`NoSuchKey`) or the system's (`ECONNRESET`). */
  readonly vendorCode: string
  readonly detail: string
}

export function s3Failure(error: unknown): S3Failure {
  const status = statusOf(error)
  const name = error instanceof Error ? error.name : ''
  const systemCode = systemCodeOf(error)
  const vendorCode = status === 0 && systemCode !== '' ? systemCode : name
  const detail = error instanceof Error ? error.message : String(error)
  // A server error may come after the write: MinIO answers 503 when it lacks a quorum but has written some drives.
  const refused = status >= 300 && status < 500
  const notSent =
    status === 0 && (isConnectFailure(error) || isNoPeer(vendorCode) || name === 'CredentialsProviderError')
  return { fate: refused ? 'refused' : notSent ? 'not-sent' : 'lost', status, vendorCode, detail }
}

/**
 * The failure as a SiltError whose message names the permission or setting at fault. The vendor's error stays behind:
 * it holds the request with its signature.
 */
export function s3Error(failure: S3Failure, call: S3Call): SiltError {
  const { status, vendorCode } = failure
  const what = `${call.location} cannot ${call.does} ${JSON.stringify(call.key)}`
  const options = {
    context: { location: call.location, key: call.key, status, vendorCode },
    cause: new Error(`${vendorCode}: ${failure.detail}`),
  }
  const away = status === 0 ? '; is AWS_ENDPOINT_URL right, and the store up?' : ''
  if (isTransient(failure))
    return new SiltError('unavailable', 'store/unavailable', `${what} now (${vendorCode})${away}`, options)
  if (vendorCode === 'RequestTimeTooSkewed') {
    const remedy = "this machine's clock differs from the store's by more than a request may; set it (NTP)"
    return new SiltError('unavailable', 'store/clock-skewed', `${what} now: ${remedy}`, options)
  }
  if (vendorCode === 'XMinioStorageFull' || status === 507) {
    return new SiltError('unavailable', 'store/full', `${what}: the store is full`, options)
  }
  if (failure.fate === 'lost' && (call.does === 'write' || !isTlsFailure(vendorCode))) {
    return call.does === 'write'
      ? new SiltError('ambiguous', 'store/ambiguous', `${what} for sure: the answer was lost (${vendorCode})`, options)
      : new SiltError('unavailable', 'store/unavailable', `${what} now (${vendorCode})${away}`, options)
  }
  if (vendorCode === 'NoSuchBucket') {
    const remedy = 'the bucket does not exist; make it, or correct DELTA_TABLE_PATH or AWS_ENDPOINT_URL'
    return new SiltError('invalid', 'store/no-bucket', `${what}: ${remedy}`, options)
  }
  if (vendorCode === 'KeyTooLongError') {
    return new SiltError('invalid', 'store/invalid-key', `${what}: the name is too long for the store`, options)
  }
  const remedy = remedyOf(failure, call)
  if (remedy !== undefined) return new SiltError('invalid', 'store/denied', `${what}: ${remedy}`, options)
  return new SiltError('invalid', 'store/refused', `${what}: refused with ${status} ${vendorCode}`, options)
}

/** A store that does not know conditional writes must not be written to (two writers would overwrite each other). */
export function noConditionalPutError(location: string, cause: unknown): SiltError {
  return new SiltError(
    'unsupported',
    'store/no-put-if-absent',
    `${location} does not refuse a second put of the same name, so two writers could overwrite each other's commits; ` +
      'point DELTA_TABLE_PATH and AWS_ENDPOINT_URL at a store that honours If-None-Match on PUT: AWS S3, MinIO or versitygw in a present version',
    { context: { location }, ...(cause === undefined ? {} : { cause }) },
  )
}

function isTransient({ fate, status, vendorCode }: S3Failure): boolean {
  if (fate === 'not-sent') return !isTlsFailure(vendorCode) && vendorCode !== 'CredentialsProviderError'
  if (fate === 'lost') return false
  return [408, 425, 429].includes(status) || transientCodes.has(vendorCode)
}

const transientCodes = new Set([
  'RequestTimeout',
  'SlowDown',
  // 409: a put of the same name was under way; S3 says nothing landed and asks for the put again.
  'ConditionalRequestConflict',
  'OperationAborted',
  // The body was cut or spoilt on its way.
  'BadDigest',
  'IncompleteBody',
  'XAmzContentSHA256Mismatch',
  // Somebody ended the upload, or the store lost a part: another upload is as good as this one.
  'InvalidPart',
  'NoSuchUpload',
])

function remedyOf({ status, vendorCode }: S3Failure, { does }: S3Call): string | undefined {
  switch (vendorCode) {
    case 'InvalidAccessKeyId':
    case 'XAdminUserNotFound':
      return 'the store does not know AWS_ACCESS_KEY_ID'
    case 'SignatureDoesNotMatch':
      return 'AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID'
    case 'ExpiredToken':
    case 'InvalidToken':
    case 'TokenRefreshRequired':
      return 'AWS_SESSION_TOKEN is expired or wrong'
    case 'CredentialsProviderError':
      return 'there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the AWS credential chain a role, a profile or a web identity'
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
      return 'the bucket is in another region; correct AWS_REGION'
  }
  const fault = tlsFault(vendorCode)
  if (fault !== undefined) return `${tlsRemedy(fault, tlsSettings)} (${vendorCode})`
  if (status === 301) return 'the bucket is in another region; correct AWS_REGION'
  if (status !== 401 && status !== 403) return undefined
  return `access denied; AWS_ACCESS_KEY_ID needs ${permissionsOf[does]}`
}

const writePermissions = 's3:PutObject and s3:AbortMultipartUpload on the table'

const permissionsOf = {
  read: 's3:GetObject on the table, and s3:ListBucket (without it an absent object answers 403)',
  write: writePermissions,
  upload: writePermissions,
  list: 's3:ListBucket on the bucket',
  delete: 's3:DeleteObject on the table, which only the identity for upkeep has',
} as const

function isConnectFailure(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isConnectFailure)
  return ['connect', 'getaddrinfo'].includes(textField(error, 'syscall'))
}

function isTlsFailure(code: string): boolean {
  return tlsFault(code) !== undefined
}

/** We never took whoever answered for the store, so nothing was sent. Any other TLS failure can come in the middle of a session as well. */
function isNoPeer(code: string): boolean {
  const fault = tlsFault(code)
  return fault === 'untrusted' || fault === 'expired' || fault === 'wrong-host' || fault === 'own-material'
}

/** Of EPROTO, which https makes of any TLS failure while it writes, the one of OpenSSL behind it. */
function systemCodeOf(error: unknown): string {
  const code = textField(error, 'code')
  const reason = code === 'EPROTO' ? /SSL routines:[^:]*:([^:]+)/.exec(textField(error, 'message'))?.[1] : undefined
  return reason === undefined ? code : `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}`
}

const tlsSettings: TlsSettingNames = {
  ca: 'AWS_CA_BUNDLE',
  cert: 'the client certificate (Silt has none for stores)',
  key: 'its key',
  address: 'AWS_ENDPOINT_URL',
  protocol: 'its scheme',
}

function statusOf(error: unknown): number {
  const metadata: unknown =
    typeof error === 'object' && error !== null && '$metadata' in error ? error.$metadata : undefined
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return 0
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : 0
}

function textField(value: unknown, field: string): string {
  if (typeof value !== 'object' || value === null) return ''
  const found: unknown = Reflect.get(value, field)
  return typeof found === 'string' ? found : ''
}

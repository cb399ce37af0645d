import { expect, test } from 'vitest'
import { s3Error, s3Failure, type S3Call } from '../src/s3-errors.ts'

const call = (does: S3Call['does']): S3Call => ({ does, key: 'a', location: 's3://b/t' })
const failed = (code: string, message = ''): Error => Object.assign(new Error(message), { code })
const noTls = failed(
  'EPROTO',
  'write EPROTO 40FD:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:',
)

test.each([
  [failed('ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC')],
  [
    failed(
      'EPROTO',
      'write EPROTO 40FD:error:0A000119:SSL routines:ssl3_get_record:decryption failed or bad record mac:',
    ),
  ],
  [failed('ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR')],
])('a session that breaks may have carried the put to its end: %s', (error) => {
  const failure = s3Failure(error)
  expect(failure.fate).toBe('lost')
  expect(s3Error(failure, call('write')).kind).toBe('ambiguous')
  expect(s3Error(failure, call('read')).kind).toBe('unavailable')
})

test('who is not trusted was sent nothing', () => {
  for (const code of ['SELF_SIGNED_CERT_IN_CHAIN', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID']) {
    expect(s3Failure(failed(code)).fate).toBe('not-sent')
    expect(s3Error(s3Failure(failed(code)), call('write')).kind).toBe('invalid')
  }
})

test('a read tells that what answers speaks no TLS, and by which setting', () => {
  const told = s3Error(s3Failure(noTls), call('read'))
  expect(told).toMatchObject({ kind: 'invalid', code: 'store/denied' })
  expect(told.message).toContain('AWS_ENDPOINT_URL')
})

import { expect, test } from 'vitest'
import { tlsFault, tlsRemedy } from '../src/index.ts'

test.each([
  ['SELF_SIGNED_CERT_IN_CHAIN', 'untrusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'untrusted'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'untrusted'],
  ['CERT_HAS_EXPIRED', 'expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'wrong-host'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'client-refused'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'client-refused'],
  ['ERR_OSSL_X509_KEY_VALUES_MISMATCH', 'own-material'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'no-tls'],
  ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', undefined],
  ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', undefined],
  ['ERR_TLS_HANDSHAKE_TIMEOUT', undefined],
  ['ECONNRESET', undefined],
  ['', undefined],
])('%s is %s', (code, fault) => expect(tlsFault(code)).toBe(fault))

test('a remedy names the setting to change', () => {
  const names = { ca: 'THE_CA', cert: 'THE_CERT', key: 'THE_KEY', address: 'THE_URL', protocol: 'THE_PROTOCOL' }
  expect(tlsRemedy('untrusted', names)).toContain('THE_CA')
  expect(tlsRemedy('wrong-host', names)).toContain('THE_URL')
  expect(tlsRemedy('client-refused', names)).toContain('THE_CERT and THE_KEY')
})

/**
 * Why a TLS connection could not be made, in terms of what an operator can change:
 * `untrusted` no authority we trust has signed the server's certificate; `expired` it is out of date; `wrong-host` it is for other names;
 * `client-refused` the server wants a certificate of ours, or another; `own-material` our certificate and key cannot be used;
 * `no-tls` what answers does not speak TLS, or no version of it that we do.
 */
export type TlsFault = 'untrusted' | 'expired' | 'wrong-host' | 'client-refused' | 'own-material' | 'no-tls'

const faults: readonly (readonly [RegExp, TlsFault])[] = [
  [/^(ERR_TLS_CERT_ALTNAME|HOSTNAME_MISMATCH$)/, 'wrong-host'],
  [/^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|CRL_HAS_EXPIRED)$/, 'expired'],
  [
    /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_SELF_SIGNED|CERT_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED)/,
    'untrusted',
  ],
  [
    /^ERR_SSL_.*ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|HANDSHAKE_FAILURE|ACCESS_DENIED|DECRYPT_ERROR)/,
    'client-refused',
  ],
  [/^(ERR_OSSL_|ERR_CRYPTO_)/, 'own-material'],
  // Not whatever else OpenSSL says: a record that arrives damaged, an alert in the middle of a session pass by themselves.
  [
    /^ERR_SSL_(WRONG_VERSION_NUMBER|WRONG_SSL_VERSION|UNSUPPORTED_PROTOCOL|UNKNOWN_PROTOCOL|VERSION_TOO_LOW|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG|NO_PROTOCOLS_AVAILABLE|NO_SHARED_CIPHER|NO_CIPHER_MATCH|TLSV1_ALERT_PROTOCOL_VERSION|TLSV1_ALERT_INSUFFICIENT_SECURITY|TLSV1_UNRECOGNIZED_NAME|DH_KEY_TOO_SMALL)$/,
    'no-tls',
  ],
]

/** The fault behind a Node error's `code` (`ERR_TLS_CERT_ALTNAME_INVALID`); undefined where TLS is not what failed. */
export function tlsFault(code: string): TlsFault | undefined {
  return faults.find(([pattern]) => pattern.test(code))?.[1]
}

/** The settings that say whom we trust, who we are, and where we connect. */
export interface TlsSettingNames {
  readonly ca: string
  readonly cert: string
  readonly key: string
  readonly address: string
  /** What says whether TLS is spoken at all. */
  readonly protocol: string
}

/** What to change, by the names of the settings. */
export function tlsRemedy(fault: TlsFault, names: TlsSettingNames): string {
  switch (fault) {
    case 'untrusted':
      return `its certificate is signed by no authority that is trusted here; name the right one in ${names.ca}`
    case 'expired':
      return 'its certificate is out of date; renew it there, or correct the clock here'
    case 'wrong-host':
      return `its certificate is for other host names; correct ${names.address}, or have the name added to the certificate`
    case 'client-refused':
      return `it refuses our certificate, or wants one; correct ${names.cert} and ${names.key}`
    case 'own-material':
      return `our certificate and key cannot be used together; correct ${names.cert} and ${names.key}`
    case 'no-tls':
      return `what answers there speaks no TLS that Silt does; correct ${names.address} or ${names.protocol}`
  }
}

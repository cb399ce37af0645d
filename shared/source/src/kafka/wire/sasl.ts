import type { ApiCall } from './api-call.ts'

/**
 * SaslHandshake v1 (KIP-43).
 *
 *     request  => mechanism
 *     response => error_code [mechanism]
 */
export const saslHandshake: ApiCall<{ readonly mechanism: string }, { readonly errorCode: number }> = {
  name: 'SaslHandshake',
  key: 17,
  versionMin: 1,
  versionMax: 1,
  headers: 'plain',
  write: (writer, { mechanism }) => {
    writer.string(mechanism)
  },
  read: (reader) => ({ errorCode: reader.int16() }),
}

export interface SaslAuthenticateResponse {
  readonly errorCode: number
  readonly authBytes: Buffer
  /** After this long the broker closes the connection (KIP-368); 0 = never. */
  readonly sessionLifetimeMs: number
}

/**
 * SaslAuthenticate v2 (KIP-152, KIP-368).
 *
 *     request  => auth_bytes TAGS
 *     response => error_code error_message auth_bytes session_lifetime_ms TAGS
 */
export const saslAuthenticate: ApiCall<{ readonly authBytes: Uint8Array }, SaslAuthenticateResponse> = {
  name: 'SaslAuthenticate',
  key: 36,
  versionMin: 2,
  versionMax: 2,
  headers: 'flexible',
  write: (writer, { authBytes }) => {
    writer.compactBytes(authBytes).noTags()
  },
  read: (reader) => {
    const errorCode = reader.int16()
    reader.compactNullableString()
    const authBytes = reader.compactBytes() ?? Buffer.alloc(0)
    return { errorCode, authBytes, sessionLifetimeMs: reader.int64() }
  },
}

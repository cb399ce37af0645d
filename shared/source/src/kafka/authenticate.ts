import { SiltError } from '@silt/core'
import type { SaslCredentials } from './kafka-options.ts'
import { bearerFirst, bearerRefusal, BEARER_ABORT } from './oauth-bearer.ts'
import { protocolError } from './protocol-errors.ts'
import { scramExchange } from './scram.ts'
import type { ApiCaller } from './wire/api-call.ts'
import { saslAuthenticate, saslHandshake, type SaslAuthenticateResponse } from './wire/sasl.ts'

const UNSUPPORTED_SASL_MECHANISM = 33
const ILLEGAL_SASL_STATE = 34

/**
 * Authenticates a fresh connection. Resolves with the session's lifetime in ms, 0 = unlimited.
 *
 * Errors: `source/denied` (invalid), naming the settings at fault, never their values.
 */
export async function authenticate(
  connection: ApiCaller,
  credentials: SaslCredentials,
  nonce: string,
): Promise<number> {
  const { mechanism } = credentials
  const { errorCode } = await connection.call(saslHandshake, { mechanism }, 1)
  if (errorCode !== 0) throw handshakeRefused(errorCode, mechanism)
  const send = async (authBytes: Uint8Array): Promise<SaslAuthenticateResponse> => {
    const answer = await connection.call(saslAuthenticate, { authBytes }, 2)
    if (answer.errorCode !== 0) throw refused(answer.errorCode, credentials)
    return answer
  }
  if (credentials.mechanism === 'OAUTHBEARER') return bearer(credentials, send)
  const { username, password } = credentials
  if (mechanism === 'PLAIN') return (await send(Buffer.from(`\0${username}\0${password}`))).sessionLifetimeMs
  const exchange = scramExchange(mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512', username, password, nonce)
  const step = await exchange.next((await send(exchange.clientFirst)).authBytes)
  const last = await send(step.clientFinal)
  step.verify(last.authBytes)
  return last.sessionLifetimeMs
}

async function bearer(
  credentials: SaslCredentials & { readonly mechanism: 'OAUTHBEARER' },
  send: (authBytes: Uint8Array) => Promise<SaslAuthenticateResponse>,
): Promise<number> {
  const answer = await send(bearerFirst(credentials.token, credentials.extensions ?? {}))
  if (answer.authBytes.length === 0) return answer.sessionLifetimeMs
  // The reason comes as a challenge; only after our answer to it does the broker say that it refuses.
  const reason = bearerRefusal(answer.authBytes)
  await send(BEARER_ABORT).catch(() => undefined)
  throw tokenRefused(reason)
}

function handshakeRefused(errorCode: number, mechanism: string): SiltError {
  const { name } = protocolError(errorCode)
  const options = { context: { protocolError: name, mechanism } }
  const why =
    errorCode === UNSUPPORTED_SASL_MECHANISM
      ? `the listener does not offer KAFKA_SASL_MECHANISM=${mechanism}`
      : errorCode === ILLEGAL_SASL_STATE
        ? 'the listener expects no SASL; correct KAFKA_SECURITY_PROTOCOL'
        : name
  return new SiltError('invalid', 'source/denied', `Kafka refuses ${mechanism} authentication: ${why}`, options)
}

function refused(errorCode: number, credentials: SaslCredentials): SiltError {
  const { name } = protocolError(errorCode)
  if (credentials.mechanism === 'OAUTHBEARER') return tokenRefused(name)
  const { mechanism, username } = credentials
  const message = `Kafka refuses user ${JSON.stringify(username)} by ${mechanism} (${name}); correct KAFKA_SASL_USERNAME or KAFKA_SASL_PASSWORD`
  return new SiltError('invalid', 'source/denied', message, { context: { protocolError: name, mechanism } })
}

function tokenRefused(reason: string): SiltError {
  const message = `Kafka refuses the token of OAUTHBEARER (${reason}); correct KAFKA_SASL_OAUTHBEARER_TOKEN, or what KAFKA_SASL_OAUTHBEARER_METHOD gets it by`
  return new SiltError('invalid', 'source/denied', message, { context: { reason, mechanism: 'OAUTHBEARER' } })
}

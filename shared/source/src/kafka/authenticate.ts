import { SiltError } from '@silt/core'
import type { SaslCredentials } from './kafka-options.ts'
import { protocolError } from './protocol-errors.ts'
import { scramExchange } from './scram.ts'
import type { ApiCaller } from './wire/api-call.ts'
import { saslAuthenticate, saslHandshake } from './wire/sasl.ts'

/**
 * Authenticates a fresh connection. Resolves with the session's lifetime in ms, 0 = unlimited.
 *
 * Errors: `source/denied` (invalid).
 */
export async function authenticate(
  connection: ApiCaller,
  credentials: SaslCredentials,
  nonce: string,
): Promise<number> {
  const { mechanism, username, password } = credentials
  check((await connection.call(saslHandshake, { mechanism }, 1)).errorCode, mechanism)
  const send = async (authBytes: Uint8Array): Promise<{ authBytes: Buffer; sessionLifetimeMs: number }> => {
    const answer = await connection.call(saslAuthenticate, { authBytes }, 2)
    check(answer.errorCode, mechanism)
    return answer
  }
  if (mechanism === 'PLAIN') return (await send(Buffer.from(`\0${username}\0${password}`))).sessionLifetimeMs
  const exchange = scramExchange(mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512', username, password, nonce)
  const step = await exchange.next((await send(exchange.clientFirst)).authBytes)
  const last = await send(step.clientFinal)
  step.verify(last.authBytes)
  return last.sessionLifetimeMs
}

function check(errorCode: number, mechanism: string): void {
  if (errorCode === 0) return
  const { name } = protocolError(errorCode)
  throw new SiltError('invalid', 'source/denied', `Kafka refuses ${mechanism} authentication: ${name}`, {
    context: { protocolError: name, mechanism },
  })
}

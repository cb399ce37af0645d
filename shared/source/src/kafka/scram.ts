import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { SiltError } from '@silt/core'

const ITERATIONS_MIN = 4096
const ITERATIONS_MAX = 1_000_000
const derive = promisify(pbkdf2)

export interface ScramStep {
  readonly clientFinal: Buffer
  /** Proves that the server knows the password too; throws `source/denied` if it does not. */
  verify(serverFinal: Buffer): void
}

export interface ScramExchange {
  readonly clientFirst: Buffer
  next(serverFirst: Buffer): Promise<ScramStep>
}

/** The client's side of SCRAM (RFC 5802) without channel binding, as Kafka speaks it. `nonce`: never used before, no comma. */
export function scramExchange(
  hash: 'sha256' | 'sha512',
  username: string,
  password: string,
  nonce: string,
): ScramExchange {
  const firstBare = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`
  return {
    clientFirst: Buffer.from(`n,,${firstBare}`),
    next: async (serverFirst) => {
      const attributes = parseAttributes(serverFirst)
      const serverNonce = attributes.get('r') ?? ''
      const iterations = Number(attributes.get('i'))
      if (!serverNonce.startsWith(nonce) || serverNonce.length === nonce.length)
        throw denied('the server nonce is wrong')
      if (!(iterations >= ITERATIONS_MIN && iterations <= ITERATIONS_MAX))
        throw denied(`${attributes.get('i')} iterations are outside ${ITERATIONS_MIN} to ${ITERATIONS_MAX}`)
      const salt = Buffer.from(attributes.get('s') ?? '', 'base64')
      const salted = await derive(password, salt, iterations, hash === 'sha256' ? 32 : 64, hash)
      const clientKey = hmac(hash, salted, 'Client Key')
      const finalBare = `c=${Buffer.from('n,,').toString('base64')},r=${serverNonce}`
      const message = `${firstBare},${serverFirst.toString('utf8')},${finalBare}`
      const signature = hmac(hash, createHash(hash).update(clientKey).digest(), message)
      const proof = clientKey.map((byte, index) => byte ^ (signature[index] as number))
      const expected = hmac(hash, hmac(hash, salted, 'Server Key'), message)
      return {
        clientFinal: Buffer.from(`${finalBare},p=${Buffer.from(proof).toString('base64')}`),
        verify: (serverFinal) => {
          const given = Buffer.from(parseAttributes(serverFinal).get('v') ?? '', 'base64')
          if (given.length !== expected.length || !timingSafeEqual(given, expected))
            throw denied('the server does not know the password')
        },
      }
    },
  }
}

function parseAttributes(message: Buffer): Map<string, string> {
  const pairs = message.toString('utf8').split(',')
  return new Map(pairs.map((pair) => [pair.slice(0, 1), pair.slice(2)]))
}

function hmac(hash: string, key: Uint8Array, data: string): Buffer {
  return createHmac(hash, key).update(data).digest()
}

function denied(why: string): SiltError {
  return new SiltError('invalid', 'source/denied', `SCRAM authentication with Kafka failed: ${why}`)
}

import { createServer, type ConnectionOptions, type TlsOptions } from 'node:tls'
import type { Server, Socket } from 'node:net'

const psk = Buffer.from('a key that both sides know')
const common = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const

/** A TLS listener without a certificate: whoever connects by `pskSecurity` is let in. */
export function pskListener(onSocket: (socket: Socket) => void): Server {
  const options: TlsOptions = { ...common, pskCallback: () => psk }
  return createServer(options, onSocket)
}

/** What a `KafkaSource` has to be given to reach it: more than its settings allow for. */
export function pskSecurity(): { tls: object } {
  const tls: ConnectionOptions = {
    ...common,
    pskCallback: () => ({ psk, identity: 'test' }),
    checkServerIdentity: () => undefined,
  }
  return { tls }
}

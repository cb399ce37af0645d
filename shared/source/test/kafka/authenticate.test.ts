import { expect, test } from 'vitest'
import { authenticate } from '../../src/kafka/authenticate.ts'
import type { SaslCredentials } from '../../src/kafka/kafka-options.ts'
import type { ApiCall, ApiCaller } from '../../src/kafka/wire/api-call.ts'

interface Answer {
  readonly errorCode?: number
  readonly authBytes?: string
  readonly sessionLifetimeMs?: number
}

/** A broker that answers SaslAuthenticate as told, in order, and keeps what it was sent. */
function broker(handshakeError: number, answers: Answer[]) {
  const sent: string[] = []
  const caller: ApiCaller = {
    call: <Request, Response>(api: ApiCall<Request, Response>, request: Request): Promise<Response> => {
      if (api.name === 'SaslHandshake') return Promise.resolve({ errorCode: handshakeError } as Response)
      sent.push(Buffer.from((request as { authBytes: Uint8Array }).authBytes).toString())
      const { errorCode = 0, authBytes = '', sessionLifetimeMs = 0 } = answers.shift() ?? {}
      return Promise.resolve({ errorCode, authBytes: Buffer.from(authBytes), sessionLifetimeMs } as Response)
    },
  }
  return { caller, sent }
}

const plain: SaslCredentials = { mechanism: 'PLAIN', username: 'writer', password: 'hunter22' }
const bearer: SaslCredentials = {
  mechanism: 'OAUTHBEARER',
  token: 'aaa.bbb.ccc',
  extensions: { logicalCluster: 'lkc-1' },
}

test('OAUTHBEARER sends token and extensions in one message and takes the session lifetime', async () => {
  const { caller, sent } = broker(0, [{ sessionLifetimeMs: 900_000 }])
  expect(await authenticate(caller, bearer, 'nonce')).toBe(900_000)
  expect(sent).toEqual(['n,,\u0001auth=Bearer aaa.bbb.ccc\u0001logicalCluster=lkc-1\u0001\u0001'])
})

test("a refused token is told with the broker's reason, after the abort it waits for, and without the token", async () => {
  const challenge = JSON.stringify({ status: 'invalid_token', scope: 'kafka' })
  const { caller, sent } = broker(0, [{ authBytes: challenge }, { errorCode: 58 }])
  const error = await authenticate(caller, bearer, 'nonce').catch((thrown: unknown) => thrown as Error)
  expect(error).toMatchObject({ kind: 'invalid', code: 'source/denied' })
  expect(String(error)).toContain('status invalid_token, scope kafka')
  expect(String(error)).toContain('KAFKA_SASL_OAUTHBEARER_TOKEN')
  expect(JSON.stringify(error) + String(error)).not.toContain('aaa.bbb')
  expect(sent[1]).toBe('\u0001')
})

test('a wrong password names the two settings and the user, never the password', async () => {
  const { caller } = broker(0, [{ errorCode: 58 }])
  const error = await authenticate(caller, plain, 'nonce').catch((thrown: unknown) => thrown as Error)
  expect(error).toMatchObject({ kind: 'invalid', code: 'source/denied' })
  expect(String(error)).toContain('user "writer" by PLAIN')
  expect(String(error)).toContain('correct KAFKA_SASL_USERNAME or KAFKA_SASL_PASSWORD')
  expect(JSON.stringify(error) + String(error)).not.toContain('hunter22')
})

test('a listener without the mechanism, or without SASL, is told apart from a wrong password', async () => {
  await expect(authenticate(broker(33, []).caller, plain, 'n')).rejects.toThrow('offer KAFKA_SASL_MECHANISM=PLAIN')
  await expect(authenticate(broker(34, []).caller, plain, 'n')).rejects.toThrow('correct KAFKA_SECURITY_PROTOCOL')
})

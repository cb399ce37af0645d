import { logLevel, type KafkaConfig, type SASLOptions } from 'kafkajs'
import type { Log } from '@silt/core'
import type { KafkaConnectionOptions, SaslCredentials } from '@silt/source'

const stepTimeoutMs = 5_000
/** Before a session of the broker ends; its default, 10 s, would renew shorter ones without end, and the broker refuses two within a second. */
const renewSessionMs = 1_000

/** How kafkajs reaches the cluster, by the same settings as everything else; credentials are asked for anew each time. */
export async function kafkajsConfig(connection: KafkaConnectionOptions, log: Log): Promise<KafkaConfig> {
  const { tls, sasl } = (await connection.security?.()) ?? {}
  return {
    brokers: [...connection.bootstrapServers],
    clientId: connection.clientId,
    connectionTimeout: stepTimeoutMs,
    authenticationTimeout: stepTimeoutMs,
    reauthenticationThreshold: renewSessionMs,
    requestTimeout: connection.stepTimeoutMs ?? stepTimeoutMs,
    enforceRequestTimeout: true,
    // Seven tries within about 4 s: a moved leader is found; an outage is told to the sender, who asks again.
    retry: { retries: 6, initialRetryTime: 100, maxRetryTime: 1_000 },
    ...(tls === undefined ? {} : { ssl: { ...tls } }),
    ...(sasl === undefined ? {} : { sasl: saslOptions(sasl, connection) }),
    // What matters is told by what it does to a request; the library's own lines are for whoever looks closely.
    logLevel: logLevel.ERROR,
    logCreator: () => (entry) => log.debug({ namespace: entry.namespace }, `kafkajs: ${entry.log.message}`),
  }
}

function saslOptions(sasl: SaslCredentials, connection: KafkaConnectionOptions): SASLOptions {
  switch (sasl.mechanism) {
    case 'PLAIN':
      return { mechanism: 'plain', username: sasl.username, password: sasl.password }
    case 'SCRAM-SHA-256':
      return { mechanism: 'scram-sha-256', username: sasl.username, password: sasl.password }
    case 'SCRAM-SHA-512':
      return { mechanism: 'scram-sha-512', username: sasl.username, password: sasl.password }
    case 'OAUTHBEARER':
      return { mechanism: 'oauthbearer', oauthBearerProvider: () => bearerToken(sasl, connection) }
  }
}

/** Tokens expire: each connection asks for the present one. kafkajs passes extensions on, its types do not know them. */
async function bearerToken(
  first: SaslCredentials & { readonly mechanism: 'OAUTHBEARER' },
  connection: KafkaConnectionOptions,
): Promise<{ value: string; extensions?: Readonly<Record<string, string>> }> {
  const now = (await connection.security?.())?.sasl
  const { token, extensions } = now?.mechanism === 'OAUTHBEARER' ? now : first
  return { value: token, ...(extensions === undefined ? {} : { extensions }) }
}

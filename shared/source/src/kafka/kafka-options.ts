import type { ConnectionOptions as TlsOptions } from 'node:tls'

/** Under read_committed records of aborted and open transactions are not readable. */
export type Isolation = 'read_committed' | 'read_uncommitted'

export interface BrokerAddress {
  readonly host: string
  readonly port: number
}

export interface SaslCredentials {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly username: string
  readonly password: string
}

/** How to reach the cluster; shared by source and membership. Needs brokers of Kafka 2.8 or newer. */
export interface KafkaConnectionOptions {
  /** `host:port` each (KAFKA_BOOTSTRAP_SERVERS). */
  readonly bootstrapServers: readonly string[]
  readonly clientId: string
  readonly tls?: TlsOptions
  readonly sasl?: SaslCredentials
  /** One network step without progress (connect, answer, next bytes of an answer) takes no longer. Default 5000. */
  readonly stepTimeoutMs?: number
}

/** `host:port` or `[v6]:port`; undefined where it is neither. */
export function parseBroker(text: string): BrokerAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text.trim())
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  return host !== undefined && port > 0 && port < 65_536 ? { host, port } : undefined
}

import type { ConnectionOptions as TlsOptions } from 'node:tls'

/** Under read_committed records of aborted and open transactions are not readable. */
export type Isolation = 'read_committed' | 'read_uncommitted'

export interface BrokerAddress {
  readonly host: string
  readonly port: number
}

export type SaslCredentials =
  | {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
      readonly username: string
      readonly password: string
    }
  | {
      readonly mechanism: 'OAUTHBEARER'
      readonly token: string
      /** SASL extensions (KIP-342), by name. */
      readonly extensions?: Readonly<Record<string, string>>
    }

/** How one connection is secured: TLS where `tls` is there, SASL where `sasl` is. */
export interface ConnectionSecurity {
  readonly tls?: Pick<TlsOptions, 'ca' | 'cert' | 'key'>
  readonly sasl?: SaslCredentials
}

/** How to reach the cluster; shared by source and membership. Needs brokers of Kafka 2.8 or newer. */
export interface KafkaConnectionOptions {
  /** `host:port` each (KAFKA_BOOTSTRAP_SERVERS). */
  readonly bootstrapServers: readonly string[]
  readonly clientId: string
  /** Asked at every connection, so that what was rotated counts from the next one on. Left out: plain TCP, no SASL. */
  readonly security?: () => ConnectionSecurity | Promise<ConnectionSecurity>
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

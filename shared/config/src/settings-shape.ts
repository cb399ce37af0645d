import type { consoleSettings } from './http-settings.ts'
import type { kafkaSecuritySettings, redisSecuritySettings } from './security-settings.ts'
import type { SettingDefinition } from './setting-definition.ts'
import type { SettingName, settingTable } from './setting-table.ts'

type ValueOf<D> = D extends SettingDefinition<infer T> ? T : never
type OptionalName =
  | 'KAFKA_BOOTSTRAP_SERVERS'
  | 'KAFKA_GROUP_INSTANCE_ID'
  | 'AWS_ENDPOINT_URL'
  | 'AWS_ACCESS_KEY_ID'
  | 'AWS_SECRET_ACCESS_KEY'
  | 'AWS_SESSION_TOKEN'
  | 'REDIS_URL'
  | 'PARTITION_BY'
  | 'WRITER_THREADS'
  | 'WRITER_UNITS_AT_ONCE'
  | 'AWS_CA_BUNDLE'
  | 'OPERATOR_NAME'
  | Exclude<keyof typeof kafkaSecuritySettings, 'KAFKA_SECURITY_PROTOCOL' | 'KAFKA_SASL_OAUTHBEARER_METHOD'>
  | keyof typeof redisSecuritySettings
  | 'OTEL_EXPORTER_OTLP_ENDPOINT'
  | 'OTEL_EXPORTER_OTLP_HEADERS'
  | 'HTTP_TOKEN'
  | 'HTTP_ORIGINS'
  | Exclude<keyof typeof consoleSettings, 'CONSOLE_PORT' | 'CONSOLE_HOST' | 'CONSOLE_SESSION_MINUTES'>

/** All settings, checked and frozen, under the names of their environment variables. */
export type Settings = {
  readonly [Name in SettingName]: ValueOf<(typeof settingTable)[Name]> | (Name extends OptionalName ? undefined : never)
}

export interface SettingFault {
  readonly setting: string
  readonly fault: string
}

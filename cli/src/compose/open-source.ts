import type { Settings } from '@silt/config'
import type { Random, Source } from '@silt/core'
import { FilesSource, KafkaSource, type KafkaConnectionOptions } from '@silt/source'
import { kafkaSecurity, type IdentityDeps } from './identities.ts'

/** Kafka where KAFKA_BOOTSTRAP_SERVERS says so, else the folder TOPICS_DIR. */
export function openSource(settings: Settings, deps: IdentityDeps & { readonly random: Random }): Source {
  const kafka = kafkaConnection(settings, deps)
  if (kafka === undefined)
    return new FilesSource({ topicsDir: settings.TOPICS_DIR, recordBytesMax: settings.RECORD_BYTES_MAX })
  return new KafkaSource({
    ...kafka,
    clock: deps.clock,
    random: deps.random,
    isolation: settings.KAFKA_ISOLATION_LEVEL,
    recordBytesMax: settings.RECORD_BYTES_MAX,
  })
}

/** Where Kafka is and who calls there, as data. */
export type KafkaAddress = Pick<KafkaConnectionOptions, 'bootstrapServers' | 'clientId'>

export function kafkaAddress(settings: Settings): KafkaAddress | undefined {
  if (settings.KAFKA_BOOTSTRAP_SERVERS === undefined) return undefined
  return {
    bootstrapServers: settings.KAFKA_BOOTSTRAP_SERVERS.split(','),
    clientId: `silt-${settings.KAFKA_TOPIC}`,
  }
}

export function kafkaConnection(settings: Settings, deps: IdentityDeps): KafkaConnectionOptions | undefined {
  const address = kafkaAddress(settings)
  if (address === undefined) return undefined
  const security = kafkaSecurity(settings, deps)
  return { ...address, ...(security === undefined ? {} : { security }) }
}

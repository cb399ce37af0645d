import { startKafka } from './kafka.ts'
import type { KafkaOptions, KafkaServer, KafkaSettings } from './kafka.ts'
import { startMinio } from './minio.ts'
import type { MinioOptions, MinioServer } from './minio.ts'
import { startPostgres } from './postgres.ts'
import type { PostgresServer, PostgresSettings } from './postgres.ts'
import { startRedis } from './redis.ts'
import type { RedisOptions, RedisServer, RedisSettings } from './redis.ts'
import type { S3Settings } from './s3-settings.ts'
import { startVersitygw } from './versitygw.ts'
import type { VersitygwServer } from './versitygw.ts'

/** Which servers to start; a server that is not named is not started. */
export interface ServersWanted {
  readonly kafka?: KafkaOptions
  readonly redis?: RedisOptions
  readonly minio?: MinioOptions
  readonly versitygw?: Readonly<Record<string, never>>
  readonly postgres?: Readonly<Record<string, never>>
}

/** Connection settings of the servers that a whole run shares: plain data, safe to hand to another process. */
export interface ServerSettings {
  readonly kafka: KafkaSettings
  readonly redis: RedisSettings
  readonly minio: S3Settings
  readonly versitygw: S3Settings
}

interface AllSettings extends ServerSettings {
  readonly postgres: PostgresSettings
}

interface Handles {
  kafka: KafkaServer
  redis: RedisServer
  minio: MinioServer
  versitygw: VersitygwServer
  postgres: PostgresServer
}

export type StartedServers<Wanted extends ServersWanted> = Pick<Handles, keyof Wanted & keyof Handles> & {
  readonly settings: Pick<AllSettings, keyof Wanted & keyof AllSettings>
  /** Stops every server and deletes its data. */
  stop(): Promise<void>
}

/**
 * Starts the named servers side by side; resolves when all serve. When one cannot start, the others are stopped and its
 * `servers/prerequisite-missing` or `servers/not-ready` is thrown.
 */
export async function startServers<Wanted extends ServersWanted>(wanted: Wanted): Promise<StartedServers<Wanted>> {
  const handles: Partial<Handles> = {}
  const starts: Promise<unknown>[] = []
  if (wanted.kafka) starts.push(startKafka(wanted.kafka).then((kafka) => (handles.kafka = kafka)))
  if (wanted.redis) starts.push(startRedis(wanted.redis).then((redis) => (handles.redis = redis)))
  if (wanted.minio) starts.push(startMinio(wanted.minio).then((minio) => (handles.minio = minio)))
  if (wanted.versitygw) starts.push(startVersitygw().then((versitygw) => (handles.versitygw = versitygw)))
  if (wanted.postgres) starts.push(startPostgres().then((postgres) => (handles.postgres = postgres)))
  const stop = async (): Promise<void> => {
    await Promise.all(Object.values(handles).map((server) => server.dispose()))
  }
  const failed = (await Promise.allSettled(starts)).find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  const settings = Object.fromEntries(Object.entries(handles).map(([name, server]) => [name, server.settings]))
  return { ...handles, settings, stop } as StartedServers<Wanted>
}

import type { ServerSettings } from '../servers/index.ts'
import { SiltProcess } from './silt-process.ts'

/** One topic and one table on real servers, and the environment its processes run with. */
export interface Deployment {
  readonly topic: string
  readonly tableUri: string
  /** Everything `silt` needs. */
  readonly environment: Readonly<Record<string, string>>
  /** What deltalake and DuckDB need to read the table. */
  readonly readerEnvironment: Readonly<Record<string, string>>
}

export function deployment(
  servers: Pick<ServerSettings, 'kafka' | 'redis' | 'minio'>,
  name: string,
  overrides: Readonly<Record<string, string>> = {},
): Deployment {
  const tableUri = `s3://${servers.minio.bucket}/${name}`
  const store = {
    AWS_ENDPOINT_URL: servers.minio.endpoint,
    AWS_REGION: servers.minio.region,
    AWS_ACCESS_KEY_ID: servers.minio.accessKeyId,
    AWS_SECRET_ACCESS_KEY: servers.minio.secretAccessKey,
    AWS_ALLOW_HTTP: 'true',
  }
  return {
    topic: name,
    tableUri,
    environment: {
      ...store,
      KAFKA_BOOTSTRAP_SERVERS: servers.kafka.bootstrapServers,
      KAFKA_TOPIC: name,
      REDIS_URL: servers.redis.url,
      DELTA_TABLE_PATH: tableUri,
      ...overrides,
    },
    readerEnvironment: store,
  }
}

export type ActorKind = 'ingestor' | 'writer' | 'committer'

/** Starts so many processes of each actor. */
export function startActors(target: Deployment, counts: Readonly<Partial<Record<ActorKind, number>>>): SiltProcess[] {
  return Object.entries(counts).flatMap(([actor, count]) =>
    Array.from({ length: count }, (_, index) => startActor(target, actor as ActorKind, `${actor}-${index}`)),
  )
}

export function startActor(target: Deployment, actor: ActorKind, name: string): SiltProcess {
  return new SiltProcess(name, ['run', actor], target.environment)
}

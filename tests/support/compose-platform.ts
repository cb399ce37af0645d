import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startRedis, type ServerSettings } from '../servers/index.ts'
import { minioClientRecipe } from '../servers/minio-client.ts'
import { startPostgres } from '../servers/postgres.ts'
import { runTool } from '../servers/tools.ts'
import { composeFolder, ComposeFileOf } from './compose-file.ts'
import type { Deployment } from './deployment.ts'

const policies = join(composeFolder, '../policies/store')

/** Whom a process runs as: a service of `compose.yaml`. */
export type ComposeService = 'ingestor' | 'writer' | 'committer' | 'demo-page' | 'silt'

export interface ComposePlatform {
  /** The table, and a process of it with what `compose.yaml` gives this service. */
  as(service: ComposeService): Deployment
  /** What Bento finds in its environment. */
  readonly bentoEnvironment: Readonly<Record<string, string>>
  readonly hotStoreUrl: string
  readonly collectorToken: string
  stop(): Promise<void>
}

/**
 * The profile `platform` without containers: passwords by `init-secrets.sh`, the bucket's users by `init/store.sh` with `mc` and the policies of
 * `deploy/policies/store`, Redis with its users, PostgreSQL with its owner, and every process' environment from `compose.yaml`. Kafka and MinIO are
 * those of the run; `folder` keeps the passwords.
 */
export async function startComposePlatform(
  servers: Pick<ServerSettings, 'kafka' | 'minio'>,
  topic: string,
  folder: string,
): Promise<ComposePlatform> {
  const { minio, kafka } = servers
  const secrets = join(folder, 'secrets')
  const secret = async (name: string): Promise<string> => readFile(join(secrets, name), 'utf8')
  await mkdir(secrets)
  await writeFile(join(secrets, 'store_root_user'), minio.root.accessKeyId)
  await writeFile(join(secrets, 'store_root_password'), minio.root.secretAccessKey)
  await script('init-secrets.sh', { SILT_SECRETS: secrets })
  await script('init/store.sh', {
    PATH: `${join(await minioClientRecipe.native(), '..')}:${process.env['PATH'] ?? ''}`,
    STORE_URL: minio.endpoint,
    STORE_BUCKET: minio.bucket,
    SECRETS_DIR: secrets,
    POLICIES_DIR: policies,
    MC_CONFIG_DIR: join(folder, 'mc'),
  })
  const redis = await startRedis({ acl: await secret('redis_acl'), ...(await redisOptions()) })
  const postgres = await startPostgres({ user: 'events', password: await secret('hot_store_password') })

  const variables = { KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers, KAFKA_TOPIC: topic, STORE_BUCKET: minio.bucket }
  const file = new ComposeFileOf(variables, {
    '/run/secrets/': `${secrets}/`,
    'http://minio:9000': minio.endpoint,
    'redis://redis:6379': redis.settings.url,
  })
  const as = (service: ComposeService): Deployment => deploymentOf(file.environment(service), topic, readers)
  const operator = file.environment('silt')
  const readers = {
    AWS_ENDPOINT_URL: minio.endpoint,
    AWS_REGION: minio.region,
    AWS_ALLOW_HTTP: 'true',
    AWS_ACCESS_KEY_ID: operator['AWS_ACCESS_KEY_ID'] ?? '',
    AWS_SECRET_ACCESS_KEY: await secret('store_operator'),
  }
  const dsn = (await secret('bento_env')).replace(/^HOT_STORE_DSN=/, '').trim()
  const hotStoreUrl = dsn.replace('hot-store:5432', new URL(postgres.settings.url).host)
  return {
    as,
    bentoEnvironment: { ...file.environment('bento'), HOT_STORE_DSN: hotStoreUrl },
    hotStoreUrl,
    collectorToken: await secret('collector_token'),
    stop: async () => {
      await Promise.all([redis.dispose(), postgres.dispose()])
    },
  }
}

function deploymentOf(
  environment: Readonly<Record<string, string>>,
  topic: string,
  readerEnvironment: Readonly<Record<string, string>>,
): Deployment {
  // The image's own: nothing else runs in a container, so ports and addresses are fixed there.
  const here = { HTTP_HOST: '127.0.0.1', HTTP_PORT: '0' }
  return {
    topic,
    tableUri: `s3://analytics/delta/${topic}`,
    environment: { ...environment, ...here },
    readerEnvironment,
  }
}

/** What `redis.conf` says of keeping and refusing. */
async function redisOptions(): Promise<{ readonly appendOnly: boolean; readonly maxMemory: string }> {
  const text = await readFile(join(composeFolder, 'redis/redis.conf'), 'utf8')
  const value = (name: string): string => new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1] ?? ''
  return { appendOnly: value('appendonly') === 'yes', maxMemory: value('maxmemory') }
}

async function script(name: string, env: Readonly<Record<string, string>>): Promise<void> {
  await runTool('bash', [join(composeFolder, name)], { timeoutMs: 300_000, env })
}

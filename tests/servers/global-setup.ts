import type { TestProject } from 'vitest/node'
import { startServers } from './index.ts'
import type { ServerSettings } from './index.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** One Kafka, Redis, MinIO and versitygw for the whole run: `inject('servers')`. Tests keep apart by names of their own. */
    servers: ServerSettings
  }
}

/** Starts the servers once per vitest run and stops them at its end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = await startServers({ kafka: {}, redis: {}, minio: {}, versitygw: {} })
  project.provide('servers', servers.settings)
  Object.assign(process.env, packageTestEnvironment(servers.settings))
  return () => servers.stop()
}

/** The servers as the packages' own integration tests find them: they may not import from here. */
function packageTestEnvironment({ kafka, redis, minio }: ServerSettings): Record<string, string> {
  return {
    SILT_TEST_KAFKA: kafka.bootstrapServers,
    SILT_TEST_REDIS_URL: redis.url,
    SILT_TEST_S3_ENDPOINT: minio.endpoint,
    SILT_TEST_S3_ACCESS_KEY_ID: minio.root.accessKeyId,
    SILT_TEST_S3_SECRET_ACCESS_KEY: minio.root.secretAccessKey,
  }
}

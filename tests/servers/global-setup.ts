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
  return () => servers.stop()
}

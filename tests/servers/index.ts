export { startServers } from './start-servers.ts'
export type { ServerSettings } from './start-servers.ts'
export { startRedis } from './redis.ts'
export type { S3Settings } from './s3-settings.ts'

export { MemoryQueueProvider } from './memory/memory-queue-provider.ts'
export { BullmqQueueProvider } from './bullmq/bullmq-queue-provider.ts'
export type { RedisIdentity } from './bullmq/rotating-redis.ts'
export { RedisProbe, type RedisServer } from './bullmq/redis-probe.ts'

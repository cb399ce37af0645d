/** Queues, leases and what one wants to know of a Redis: BullMQ and ioredis, some 25 MB of every process that loads them. */
export { BullmqQueueProvider } from './bullmq-queue-provider.ts'
export { QueueListing } from './queue-listing.ts'
export { RedisProbe, type RedisServer } from './redis-probe.ts'
export type { RedisIdentity } from './rotating-redis.ts'

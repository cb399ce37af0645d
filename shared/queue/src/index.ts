/** Queues in this process; those in Redis are `@silt/queue/redis`, which loads BullMQ. */
export { MemoryQueueProvider } from './memory/memory-queue-provider.ts'

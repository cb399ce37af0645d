export { MemoryQueueProvider } from './memory/memory-queue-provider.ts'
export { BullmqQueueProvider } from './bullmq/bullmq-queue-provider.ts'

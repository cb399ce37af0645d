export { MemoryQueueProvider, type MemoryQueueProviderOptions } from './memory/memory-queue-provider.ts'
export { BullmqQueueProvider, type BullmqQueueProviderOptions } from './bullmq/bullmq-queue-provider.ts'

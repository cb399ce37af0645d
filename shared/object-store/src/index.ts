export { MemoryStore } from './memory-store.ts'
export { openStore } from './open-store.ts'
export { probePutIfAbsent } from './probe-put-if-absent.ts'
export type { S3Settings } from './s3-connection.ts'

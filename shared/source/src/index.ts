export { FilesSource, type FilesSourceOptions } from './files/files-source.ts'
export { MemorySource, type MemorySourceOptions } from './memory/memory-source.ts'
export type { MemoryLog, MemoryRecord } from './memory/memory-log.ts'
export { StaticMembership, type StaticMembershipOptions } from './static-membership.ts'

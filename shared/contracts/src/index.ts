export * from './event-table.ts'
export * from './unit-range.ts'
export * from './app-id.ts'
export * from './progress.ts'
export * from './names.ts'
export * from './pause.ts'
export type * from './jobs.ts'
export {
  encodeCommitJob,
  encodeCommitNotice,
  encodeWriteJob,
  encodeWriteResult,
  parseCommitJob,
  parseCommitNotice,
  parseWriteJob,
  parseWriteResult,
} from './job-codec.ts'
export * from './record-codec.ts'
export * from './compare-schema.ts'
export { parseUnitTags, unitTags, type UnitTags } from './range-codec.ts'

export { runCommitter, type CommitterDeps } from './committer.ts'
export { defaultTuning, type CommitterOptions } from './committer-options.ts'
export { ensureTables } from './table-bootstrap.ts'
export { inlineCheckpointer, workerCheckpointer } from './worker-checkpointer.ts'

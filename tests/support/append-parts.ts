/** The parts of CLI, writer and committer that `append-events` puts together; they are their packages' own. */
export { adopt } from '../../cli/src/table/adopt.ts'
export { commitActions } from '../../services/committer/src/commit-actions.ts'
export { judgeUnit, widenedSchema } from '../../services/committer/src/ledger.ts'
export { ledgerTable } from '../../services/committer/src/ledger-table.ts'
export { PlaneEncoder } from '../../shared/dataplane/src/index.ts'
export { putFiles } from '../../services/writer/src/put-files.ts'
export { AnyWidthEncoder } from '../../services/writer/src/unit-threads/any-width-encoder.ts'

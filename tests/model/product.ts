/** What of the product the model drives: the pure functions that decide. Their packages keep them to themselves; the model is the one exception. */
export { commitActions } from '../../services/committer/src/commit-actions.ts'
export { pendingRecord } from '../../services/committer/src/dead-letter-projection.ts'
export { putNotBeforeMs } from '../../services/committer/src/file-age.ts'
export { planGroup, type CommitGroup } from '../../services/committer/src/group-commit.ts'
export { HeldJobs, type HeldStart, type HeldUnit } from '../../services/committer/src/held-jobs.ts'
export { judgeUnit, type LedgerTable } from '../../services/committer/src/ledger.ts'
export { indexProgress } from '../../services/committer/src/progress-index.ts'
export { expiredUnits, triage } from '../../services/committer/src/triage.ts'
export {
  emptyPlan,
  withAssignment,
  withEnds,
  withNotice,
  withTruth,
  withWriteResult,
} from '../../services/ingestor/src/plan-events.ts'
export {
  outstandingRanges,
  type PartitionPlan,
  type PartitionTruth,
  type PlanSettings,
  type PlanState,
} from '../../services/ingestor/src/plan-state.ts'
export { plan, type Plan } from '../../services/ingestor/src/planner.ts'
export { judgeJob } from '../../services/writer/src/judge-job.ts'

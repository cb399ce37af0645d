/** What `silt table`, `silt partition` and `silt audit` do between their settings and their words, for whoever drives them in one process. */
export { auditTable, type AuditReport } from './audit/audit-table.ts'
export { acceptGap, commitOnTopic, restartAll, restartPartitions } from './partition/decide-partition.ts'
export { reportPartitions, viewTopic, type TopicView } from './partition/partition-report.ts'
export { commitDecision, type DecisionDeps } from './table/commit-decision.ts'
export { pause } from './table/pause.ts'
export { resume } from './table/resume.ts'

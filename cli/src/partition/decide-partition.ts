import { partitionAppId, progressOf, type PartitionKey } from '@silt/contracts'
import { assert, SiltError, type Source } from '@silt/core'
import type { Action, TableState } from '@silt/delta'
import { commitDecision, type DecidedChange, type DecisionDeps } from '../table/commit-decision.ts'
import { reportOf, reportPartitions, viewTopic, type PartitionReport, type TopicView } from './partition-report.ts'

interface Operator {
  readonly sourceKind: Source['kind']
  /** Who decides, for the record. */
  readonly by: string
}

/**
 * Commits what `decide` makes of the topic and the table. At every attempt the topic is looked at after the table: the other way round, what was
 * produced and committed in between would look like a log cut short, and a restart would read a healthy partition again.
 * Errors: those of `commitDecision`, `viewTopic` and `decide`.
 */
export async function commitOnTopic(
  deps: DecisionDeps & { readonly source: Source },
  topic: string,
  decide: (view: TopicView, state: TableState) => DecidedChange,
): Promise<number> {
  const version = await commitDecision(deps, async (state) => decide(await viewTopic(deps.source, topic), state))
  assert(version !== undefined, 'a decision on a topic is always a commit')
  return version
}

/** Gives up the offsets the source no longer holds: `txn` moves to its log start, `silt-accepted` counts them (I2). */
export function acceptGap(view: TopicView, partition: number, state: TableState, operator: Operator): DecidedChange {
  const { topicPartition, ends, assessment } = reportOf(reportPartitions(view, operator.sourceKind, state), partition)
  if (
    assessment.kind !== 'stopped' ||
    assessment.code !== 'partition/retention-gap' ||
    assessment.progress === undefined
  )
    throw notStopped(partition, assessment, 'has no gap to accept')
  const { next, restart, accepted } = assessment.progress
  const key: PartitionKey = { topic: view.topic, topicId: topicPartition.topicId, partition, restart }
  const lost = ends.logStart - next
  return {
    operation: 'SILT ACCEPT GAP',
    decisions: [{ kind: 'accept-gap', ...key, from: next, to: ends.logStart, by: operator.by }],
    actions: [
      setTxn(partitionAppId('silt', key), ends.logStart),
      setTxn(partitionAppId('silt-accepted', key), accepted + lost),
    ],
  }
}

/** Begins stopped partitions again as new logs at the source's log start; rows of the old ones stay. */
export function restartPartitions(
  view: TopicView,
  partitions: readonly number[],
  state: TableState,
  operator: Operator,
): DecidedChange {
  const reports = reportPartitions(view, operator.sourceKind, state)
  const restarts = partitions.map((partition) => restartOf(reportOf(reports, partition), view.topic, state))
  return {
    operation: 'SILT RESTART PARTITION',
    decisions: restarts.map(({ key, at }) => ({ kind: 'restart', ...key, at, by: operator.by })),
    actions: restarts.flatMap(({ key, at }) => [
      setTxn(partitionAppId('silt', key), at),
      setTxn(partitionAppId('silt-first', key), at),
    ]),
  }
}

/** Begins every partition again that only a restart can release; `partition/not-applicable` (invalid) where there is none. */
export function restartAll(view: TopicView, state: TableState, operator: Operator): DecidedChange {
  const chosen = reportPartitions(view, operator.sourceKind, state)
    .filter(({ assessment }) => assessment.kind === 'stopped' && assessment.code !== 'partition/retention-gap')
    .map(({ topicPartition }) => topicPartition.partition)
  if (chosen.length === 0) throw new SiltError('invalid', 'partition/not-applicable', 'no partition needs a restart')
  return restartPartitions(view, chosen, state, operator)
}

function restartOf(
  report: PartitionReport,
  topic: string,
  state: TableState,
): { readonly key: PartitionKey; readonly at: number } {
  const { topicPartition, ends, assessment } = report
  const { partition, topicId } = topicPartition
  if (assessment.kind !== 'stopped' || assessment.code === 'partition/retention-gap')
    throw notStopped(partition, assessment, 'needs no restart')
  const earlier = progressOf(state.txns, topic).filter(
    (each) => each.partition === partition && each.topicId === topicId,
  )
  const restart = earlier.length === 0 ? 0 : Math.max(...earlier.map((each) => each.restart)) + 1
  return { key: { topic, topicId, partition, restart }, at: ends.logStart }
}

function setTxn(appId: string, version: number): Action {
  return { txn: { appId, version } }
}

function notStopped(partition: number, assessment: PartitionReport['assessment'], problem: string): SiltError {
  const why =
    assessment.kind === 'stopped'
      ? assessment.message
      : `it is ${assessment.kind === 'ok' ? 'going on' : 'not started yet'}`
  return new SiltError('invalid', 'partition/not-applicable', `partition ${partition} ${problem}: ${why}`)
}

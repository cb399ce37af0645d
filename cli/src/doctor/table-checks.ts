import { formatProperty, formatVersion, progressOf } from '@silt/contracts'
import { isSiltError, isStillThere, type ObjectStore, type ParquetReader, type Source } from '@silt/core'
import { loadState, requireReadable, requireWritable, type TableState } from '@silt/delta'
import { judgeRowRules } from '@silt/rows'
import type { KafkaProbe, TopicRetention } from '@silt/source'
import { reportPartitions, viewTopic, type PartitionReport, type TopicView } from '../partition/partition-report.ts'
import { pauseLine, standingOf, type TableStanding } from '../table/table-standing.ts'
import { fail, ok, skip, warn, type Finding } from './finding.ts'
import { olderThan, retentionFinding } from './kafka-checks.ts'
import type { Check } from './run-checks.ts'

export interface TableCheckDeps {
  readonly store: ObjectStore
  readonly reader: ParquetReader
}

export function tableCheck({ store, reader }: TableCheckDeps): Check {
  return {
    name: 'table',
    needs: ['store'],
    run: async () => {
      const state = await loadState(store, reader)
      if (state === undefined)
        return [ok('table', `there is none at ${store.location} yet: the committer makes it when it starts`)]
      requireReadable(state)
      requireWritable(state, judgeRowRules)
      return tableFindings(store.location, state, await standingOf(store, state))
    },
  }
}

export function tableFindings(location: string, state: TableState, standing: TableStanding): readonly Finding[] {
  const format = state.metadata.configuration[formatProperty]
  const made =
    format === undefined
      ? fail(
          'table',
          `the table at ${location} was made by another engine and not adopted`,
          'silt table adopt --start-from …, or another DELTA_TABLE_PATH',
        )
      : format !== formatVersion
        ? fail('table', `the table at ${location} has ${formatProperty} ${format}`, 'run a newer Silt')
        : ok('table', `version ${state.version}, every feature it lists is supported`)
  const { paused, parked } = standing
  return [
    made,
    parked === null
      ? ok('table parked', 'no')
      : fail('table parked', parked, 'look at the table, then silt table resume --reason …'),
    paused === null ? ok('table paused', 'no') : warn('table paused', pauseLine(paused), 'silt table resume'),
  ]
}

export interface PartitionCheckDeps extends TableCheckDeps {
  readonly source: Source
  readonly topic: string
}

/** The same judgement the ingestors act on. */
export function partitionCheck({ store, reader, source, topic }: PartitionCheckDeps, needs: readonly string[]): Check {
  return {
    name: 'partitions',
    needs,
    run: async () => {
      const state = await loadState(store, reader)
      if (state === undefined) return [skip('partitions', 'there is no progress yet: the table is not made')]
      return partitionFindings(reportPartitions(await viewTopic(source, topic), source.kind, state))
    },
  }
}

export function partitionFindings(reports: readonly PartitionReport[]): readonly Finding[] {
  const stops = reports.flatMap(({ topicPartition: { partition }, assessment }) =>
    assessment.kind === 'stopped'
      ? [fail('partitions', `partition ${partition} is stopped: ${assessment.message}`, assessment.remedy)]
      : [],
  )
  if (stops.length > 0) return stops
  const lag = reports.reduce((sum, { ends, assessment }) => {
    const next = assessment.kind === 'ok' ? assessment.progress.next : ends.logStart
    return sum + Math.max(0, ends.readableEnd - next)
  }, 0)
  return [ok('partitions', `none of ${reports.length} is stopped; ${lag} offsets are not committed yet`)]
}

/** How near what waits is to being deleted unread. */
export function retentionCheck(deps: PartitionCheckDeps, probe: KafkaProbe, nowMs: () => number): Check {
  return {
    name: 'kafka retention',
    needs: ['kafka topic', 'store'],
    run: async () => {
      const retention = await permittedRetention(probe, deps.topic)
      if (retention === undefined)
        return [skip('kafka retention', 'this user may not DescribeConfigs of the topic; Silt itself does not need to')]
      const view = await viewTopic(deps.source, deps.topic)
      const state = await loadState(deps.store, deps.reader)
      const next = nextOffsets(view, state)
      const past = async (share: number): Promise<readonly number[]> => {
        if (retention.retentionMs === undefined) return []
        const numbers = view.partitions.map(({ partition }) => partition)
        const momentMs = nowMs() - retention.retentionMs * share
        if (momentMs <= 0) return []
        return olderThan(view.ends, next, await deps.source.offsetAtTime(deps.topic, numbers, Math.floor(momentMs)))
      }
      const [atRisk, urgent] = [await past(0.5), await past(0.9)]
      return [retentionFinding(retention, { partitions: view.partitions.length, atRisk, urgent })]
    },
  }
}

async function permittedRetention(probe: KafkaProbe, topic: string): Promise<TopicRetention | undefined> {
  try {
    return await probe.retention(topic)
  } catch (error) {
    if (isSiltError(error, 'source/denied')) return undefined
    throw error
  }
}

/** Of partitions the table has progress for. */
function nextOffsets(view: TopicView, state: TableState | undefined): ReadonlyMap<number, number> {
  const next = new Map<number, number>()
  if (state === undefined) return next
  for (const each of progressOf(state.txns, view.topic).toSorted((a, b) => a.restart - b.restart))
    if (isStillThere(each, view.partitions)) next.set(each.partition, each.next)
  return next
}

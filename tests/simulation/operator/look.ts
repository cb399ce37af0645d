import { parkingAt, type Parked } from '@silt/committer'
import { pauseOf, type Pause } from '@silt/contracts'
import { isSiltError } from '@silt/core'
import { loadState } from '@silt/delta'
import { reportPartitions, viewTopic, type TopicView } from '@silt/cli/operator'
import type { OperatorDeps } from './operator-deps.ts'

/** What `silt table history` and `silt partition status` show of one moment. */
export interface Look {
  /** Newest version when looked; undefined while there is no table. */
  readonly version: number | undefined
  readonly paused: Pause | undefined
  readonly parked: Parked | undefined
  readonly stopped: readonly StoppedPartition[]
  /** False while the topic is missing or a partition of it is away: then nothing is known of its partitions. */
  readonly topicSeen: boolean
}

export interface StoppedPartition {
  readonly partition: number
  /** `partition/…`, as the ingestor names it. */
  readonly code: string
}

/** Errors: the store's, the source's and the log's. */
export async function look(deps: OperatorDeps): Promise<Look> {
  const state = await loadState(deps.store, deps.reader)
  if (state === undefined)
    return {
      version: undefined,
      paused: undefined,
      parked: undefined,
      stopped: [],
      topicSeen: false,
    }
  const parked = await parkingAt(deps.store, state)
  const view = await topicOrNone(deps)
  const reports = view === undefined ? [] : reportPartitions(view, deps.source.kind, state)
  return {
    version: state.version,
    paused: pauseOf(state.txns),
    parked,
    stopped: reports.flatMap(({ topicPartition: { partition }, assessment }) =>
      assessment.kind === 'stopped' ? [{ partition, code: assessment.code }] : [],
    ),
    topicSeen: view !== undefined,
  }
}

/** Whether anything waits for a decision. */
export function needsDecision(seen: Look): boolean {
  return seen.paused !== undefined || seen.parked !== undefined || seen.stopped.length > 0
}

async function topicOrNone(deps: OperatorDeps): Promise<TopicView | undefined> {
  try {
    return await viewTopic(deps.source, deps.topic)
  } catch (error) {
    if (isSiltError(error, 'source/topic-missing') || isSiltError(error, 'source/partition-away')) return undefined
    throw error
  }
}

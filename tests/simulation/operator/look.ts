import { parkingAt, type Parked } from '@silt/committer'
import { parseCommitRecord, pauseOf, type Pause } from '@silt/contracts'
import { isSiltError } from '@silt/core'
import { commitInfoOf, loadState, readEntry } from '@silt/delta'
import { reportPartitions, viewTopic, type TopicView } from '@silt/cli/operator'
import type { OperatorDeps } from './operator-deps.ts'

/** What `silt table history` and `silt partition status` show of one moment. */
export interface Look {
  /** Newest version when looked; undefined while there is no table. */
  readonly version: number | undefined
  readonly paused: Pause | undefined
  readonly parked: Parked | undefined
  /**
   * The log no longer reaches back far enough to say that the table is not parked: only the actors, who saw it happen, may know. False where the
   * newest version released it.
   */
  readonly parkingUnknown: boolean
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
      parkingUnknown: false,
      stopped: [],
      topicSeen: false,
    }
  const { parked, complete } = await parkingAt(deps.store, state.version)
  const view = await topicOrNone(deps)
  const reports = view === undefined ? [] : reportPartitions(view, deps.source.kind, state)
  return {
    version: state.version,
    paused: pauseOf(state.txns),
    parked,
    parkingUnknown: parked === undefined && !complete && !(await isRelease(deps, state.version)),
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

async function isRelease(deps: OperatorDeps, version: number): Promise<boolean> {
  const entry = await readEntry(deps.store, version)
  const record = parseCommitRecord(entry && commitInfoOf(entry.actions)?.silt)
  return record?.decisions.some(({ kind }) => kind === 'resume') ?? false
}

async function topicOrNone(deps: OperatorDeps): Promise<TopicView | undefined> {
  try {
    return await viewTopic(deps.source, deps.topic)
  } catch (error) {
    if (isSiltError(error, 'source/topic-missing') || isSiltError(error, 'source/partition-away')) return undefined
    throw error
  }
}

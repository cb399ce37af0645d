import type { Settings } from '@silt/config'
import type { Log, Metrics, Source, Traces } from '@silt/core'
import type { Health } from '@silt/telemetry'
import type { OpenTable } from '../table/open-table.ts'
import type { Terminal } from '../terminal.ts'
import type { TableQueues } from './open-queues.ts'

export type ActorName = 'ingestor' | 'writer' | 'committer'

/** The order in which actors stop: what plans first, what commits last, so that finished work still lands. */
export const shutdownOrder: readonly ActorName[] = ['ingestor', 'writer', 'committer']

/** Everything actors of one process share. */
export interface ProcessParts {
  readonly settings: Settings
  readonly terminal: Terminal
  readonly table: OpenTable
  readonly source: Source
  readonly queues: TableQueues
  readonly log: Log
  readonly metrics: Metrics
  /** Where the ways of units are told; undefined: nowhere. */
  readonly traces?: Traces
  readonly health: Health
}

/** For the parts of an actor, which have no `traces` where nothing is told. */
export function tracing({ traces }: ProcessParts): Pick<ProcessParts, 'traces'> {
  return traces === undefined ? {} : { traces }
}

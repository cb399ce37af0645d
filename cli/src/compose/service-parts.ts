import type { Settings } from '@silt/config'
import type { Log, Metrics } from '@silt/core'
import type { Terminal } from '../terminal.ts'

/** What runs beside the pipeline, each in a process of its own: no table, no queue of work. */
export const serviceNames = ['collector', 'console'] as const
export type ServiceName = (typeof serviceNames)[number]

/** What a service is given of its process. */
export interface ServiceParts {
  readonly settings: Settings
  readonly terminal: Terminal
  readonly log: Log
  readonly metrics: Metrics
  readonly onReady: () => void
  readonly onWaiting: (why: string) => void
}

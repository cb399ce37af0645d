import { shouldRetry, type Assignment, type Clock, type Membership, type Source } from '@silt/core'
import { topicMissing } from './errors.ts'

export interface StaticMembershipOptions {
  readonly source: Source
  readonly topic: string
  /** How often the topic's partitions are looked up. */
  readonly pollMs: number
  readonly clock: Clock
}

/**
 * Membership of a source without groups: every partition of the topic belongs to this process.
 *
 * A new set of partitions is a new generation. While the topic is missing, or the source away, `onWaiting` is told once
 * each time the reason changes; a topic that vanishes empties the assignment, an outage leaves it as it was.
 * A failure that waiting cannot mend (`source/denied`) ends `run`.
 */
export class StaticMembership implements Membership {
  readonly #options: StaticMembershipOptions

  constructor(options: StaticMembershipOptions) {
    this.#options = options
  }

  async run(
    signal: AbortSignal,
    onAssignment: (assignment: Assignment) => void,
    onWaiting: (error: unknown) => void,
  ): Promise<void> {
    const { pollMs, clock } = this.#options
    let assignment: Assignment | undefined
    let waitingFor: LookUp['kind'] | undefined
    for (; !signal.aborted; await clock.sleep(pollMs, signal)) {
      const found = await this.#lookUp()
      if (stoppedMeanwhile(signal)) return
      if (found.kind === 'found') waitingFor = undefined
      else {
        if (waitingFor !== found.kind) onWaiting(found.error)
        waitingFor = found.kind
        if (found.kind === 'unavailable' || assignment === undefined) continue
      }
      if (assignment !== undefined && samePartitions(assignment.partitions, found.partitions)) continue
      assignment = Object.freeze({ generation: (assignment?.generation ?? 0) + 1, partitions: found.partitions })
      onAssignment(assignment)
    }
  }

  /** There is no group whose lag a tool could show. */
  report(): Promise<void> {
    return Promise.resolve()
  }

  async #lookUp(): Promise<LookUp> {
    const { source, topic } = this.#options
    try {
      const partitions = await source.partitions(topic)
      if (partitions === undefined) return { kind: 'missing', error: topicMissing(source.kind, topic), partitions: [] }
      return { kind: 'found', partitions: partitions.map(({ partition }) => partition) }
    } catch (error) {
      if (!shouldRetry(error)) throw error
      return { kind: 'unavailable', error }
    }
  }
}

type LookUp =
  | { readonly kind: 'found'; readonly partitions: readonly number[] }
  | { readonly kind: 'missing'; readonly error: unknown; readonly partitions: readonly number[] }
  | { readonly kind: 'unavailable'; readonly error: unknown }

/** A look after an await: the checker takes the loop's own condition for still true. */
function stoppedMeanwhile(signal: AbortSignal): boolean {
  return signal.aborted
}

function samePartitions(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((partition, index) => partition === b[index])
}

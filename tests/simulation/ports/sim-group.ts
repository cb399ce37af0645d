import type { Assignment, Membership } from '@silt/core'
import type { Draws } from '../draws.ts'
import type { JobWatch } from '../job-watch.ts'
import type { SimProcess } from '../process.ts'
import type { Scheduler } from '../scheduler.ts'

interface Member {
  readonly process: SimProcess
  readonly onAssignment: (assignment: Assignment) => void
}

const sessionTimeoutMs = 2000

/** The consumer group on its coordinator: who is in it, and who plans what. */
export class SimGroup {
  readonly #scheduler: Scheduler
  readonly #draws: Draws
  readonly #partitions: () => number
  readonly #jobs: JobWatch
  readonly #members = new Set<Member>()
  #generation = 0

  constructor(scheduler: Scheduler, draws: Draws, partitions: () => number, jobs: JobWatch) {
    this.#scheduler = scheduler
    this.#draws = draws
    this.#partitions = partitions
    this.#jobs = jobs
  }

  membershipOf(process: SimProcess): Membership {
    return {
      run: (signal, hear) => {
        const onAssignment = (assignment: Assignment): void => {
          this.#jobs.learnt(process.name)
          hear(assignment)
        }
        return this.#join({ process, onAssignment }, signal)
      },
      report: () => process.call('group.report', () => undefined, { refused: lostHeartbeat, lost: lostHeartbeat }),
    }
  }

  /** Deals the partitions out anew; members hear of it one after another, those that are stopped only once they wake. */
  rebalance(): void {
    const generation = ++this.#generation
    const members = [...this.#members]
    const shift = this.#draws.whole(0, Math.max(0, members.length - 1))
    for (const [index, { process, onAssignment }] of members.entries()) {
      const partitions = Array.from({ length: this.#partitions() }, (_, partition) => partition).filter(
        (partition) => (partition + shift) % members.length === index,
      )
      process.after(this.#draws.between(5, 300), () => {
        if (generation === this.#generation) onAssignment({ generation, partitions })
      })
    }
  }

  /** A stopped member is put out of the group after its session's timeout, and joins again once it wakes. */
  missHeartbeats(process: SimProcess): void {
    this.#scheduler.after(sessionTimeoutMs, () => {
      if (!process.isStopped) return
      for (const member of this.#members) {
        if (member.process !== process) continue
        this.#members.delete(member)
        this.rebalance()
        process.after(this.#draws.between(100, 1500), () => {
          member.onAssignment({ generation: 0, partitions: [] })
          this.#members.add(member)
          this.rebalance()
        })
      }
    })
  }

  async #join(member: Member, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    member.process.after(this.#draws.between(5, 200), () => {
      if (signal.aborted) return
      this.#members.add(member)
      this.rebalance()
    })
    member.process.onDeath(() => this.#scheduler.after(sessionTimeoutMs, () => this.#leave(member)))
    await new Promise<void>((resolve) => {
      signal.addEventListener(
        'abort',
        () => {
          this.#leave(member)
          resolve()
        },
        { once: true },
      )
    })
  }

  #leave(member: Member): void {
    if (this.#members.delete(member)) this.rebalance()
  }
}

function lostHeartbeat(): Error {
  return new Error('the coordinator did not answer')
}

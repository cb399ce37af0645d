import type { LogEntry } from '@silt/delta'
import type { Deployment } from '../support/deployment.ts'
import { LogFollower } from '../support/log-follower.ts'
import { Backlog } from './backlog.ts'
import { startWitness, type TopicAt } from './clients.ts'
import type { Sample } from './freshness.ts'

const sampleMs = 1_000
const logPollMs = 300

/** Looks on, past every link: what is readable by a client that is not ours, and what the log says the table holds. */
export class Watch {
  /** One a second. */
  readonly samples: Sample[] = []
  /** Versions the log was seen to have, and rows they put in. */
  versions = 0
  rows = 0
  readonly #follower: LogFollower
  readonly #witness: { kill(): void }
  readonly #sampling: NodeJS.Timeout

  constructor(direct: Deployment, at: TopicAt) {
    const backlog = new Backlog()
    this.#follower = new LogFollower(direct, {
      pollMs: logPollMs,
      onVersion: (entry, next) => {
        this.versions++
        this.rows += rowsOf(entry)
        for (const [partition, offset] of next) backlog.committed(partition, offset)
      },
    })
    this.#witness = startWitness(at, (buckets) => {
      for (const [partition, appendMs, lastOffset] of buckets) backlog.read(partition, appendMs, lastOffset)
    })
    this.#sampling = setInterval(() => {
      const atMs = Date.now()
      this.samples.push({ atMs, ageMs: backlog.ageMs(atMs), seenAgeMs: backlog.seenAgeMs(atMs) })
    }, sampleMs)
  }

  /** For a line of progress. */
  describe(): string {
    const last = this.samples.at(-1)
    return `oldest waits ${seconds(last?.ageMs)}, newest seen ${seconds(last?.seenAgeMs)} ago, ${this.versions} versions, ${this.rows} rows`
  }

  /** Ends; throws what kept it from reading the log. */
  async stop(): Promise<void> {
    clearInterval(this.#sampling)
    this.#witness.kill()
    await this.#follower.stop()
  }
}

function rowsOf({ actions }: LogEntry): number {
  return actions.reduce((sum, action) => {
    if (!('add' in action)) return sum
    const { numRecords } = JSON.parse(action.add.stats ?? '{}') as { readonly numRecords?: number }
    return sum + (numRecords ?? 0)
  }, 0)
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? '-' : `${(ms / 1000).toFixed(1)} s`
}

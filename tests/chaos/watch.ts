import type { Deployment } from '../support/deployment.ts'
import { Backlog } from './backlog.ts'
import { startWitness, type TopicAt } from './clients.ts'
import type { Sample } from './freshness.ts'
import { LogFollower } from './log-follower.ts'

const sampleMs = 1_000

/** Looks on, past every link: what is readable by a client that is not ours, and what the log says the table holds. */
export class Watch {
  /** One a second. */
  readonly samples: Sample[] = []
  readonly follower: LogFollower
  readonly #witness: { kill(): void }
  readonly #sampling: NodeJS.Timeout

  constructor(direct: Deployment, at: TopicAt) {
    const backlog = new Backlog()
    this.follower = new LogFollower(direct, (partition, next) => backlog.committed(partition, next))
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
    const { versions, rows } = this.follower
    return `oldest waits ${seconds(last?.ageMs)}, newest seen ${seconds(last?.seenAgeMs)} ago, ${versions} versions, ${rows} rows`
  }

  /** Ends; throws what kept it from reading the log. */
  async stop(): Promise<void> {
    clearInterval(this.#sampling)
    this.#witness.kill()
    await this.follower.stop()
  }
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? '-' : `${(ms / 1000).toFixed(1)} s`
}

import type { CommitJob } from '@silt/contracts'
import type { Action } from '@silt/delta'
import {
  commitActions,
  putNotBeforeMs,
  planGroup,
  HeldJobs,
  indexProgress,
  triage,
  type CommitGroup,
  type HeldStart,
  type HeldUnit,
  type LedgerTable,
} from './product.ts'
import { beginMs, hourMs, hourOf, inHour, jobText, type JobUniverse } from './jobs.ts'
import type { MainVersion, Versions } from './versions.ts'

/** A commit as prepared on a base: what PUT sends, and the version it makes where it lands. */
export interface Body {
  readonly id: number
  readonly base: MainVersion
  readonly result: MainVersion
  /** When the first of its files was put. */
  readonly oldestHour: number
  readonly actions: readonly Action[]
  readonly text: string
}

export interface BodySpec {
  readonly base: MainVersion
  readonly hour: number
  /** Units with dead letters have to wait (I5). */
  readonly deadLettersPending: boolean
}

const columnsMax = 100
const limits = { actionsMax: 1000, bytesMax: 1_000_000 }
const noEnd = { answer: () => undefined, giveBack: () => undefined }

/**
 * What a committer may come to commit: every order in which two jobs (one, where bounds are tight) may have arrived is put before the product's own
 * triage and grouping, and what these take is made a commit by the product. Remembered by all that the answer depends on.
 */
export class CommitBodies {
  readonly #versions: Versions
  readonly #universe: JobUniverse
  readonly #bodies: Body[] = []
  readonly #ids = new Map<string, number>()
  readonly #groups = new Map<string, readonly CommitGroup[]>()
  readonly #bySpec = new Map<string, readonly Body[]>()

  constructor(versions: Versions, universe: JobUniverse) {
    this.#versions = versions
    this.#universe = universe
  }

  byId(id: number): Body {
    return this.#bodies[id] as Body
  }

  possible(spec: BodySpec): readonly Body[] {
    const key = `${spec.base.id} ${spec.hour} ${spec.deadLettersPending}`
    const known = this.#bySpec.get(key)
    if (known !== undefined) return known
    const found = new Set<Body>()
    for (const group of this.#groupsOn(spec)) found.add(this.#bodyOf(spec.base, group))
    const bodies = [...found]
    this.#bySpec.set(key, bodies)
    return bodies
  }

  /** The same actions after another version, whatever that one holds: what no committer may do (I6). */
  again(body: Body, base: MainVersion): Body {
    return this.#once({
      ...body,
      base,
      result: this.#versions.afterMain(base, body.actions),
      text: `${body.text} again`,
    })
  }

  foreign(base: MainVersion): MainVersion {
    return this.#versions.afterForeign(base)
  }

  #bodyOf(base: MainVersion, group: CommitGroup): Body {
    const jobs = [...group.starts, ...group.units].map((held) => held.job)
    const actions = commitActions(base.state, group, { token: 'token', wallMs: beginMs })
    return this.#once({
      base,
      result: this.#versions.afterMain(base, actions),
      oldestHour: Math.min(Infinity, ...group.units.map((unit) => hourOf(unit.job))),
      actions,
      text: jobs.map(jobText).join(', then '),
    })
  }

  #once(body: Omit<Body, 'id'>): Body {
    const key = `${body.base.id} ${body.result.id} ${body.oldestHour}`
    const id = this.#ids.get(key) ?? this.#bodies.length
    if (id === this.#bodies.length) {
      this.#ids.set(key, id)
      this.#bodies.push({ ...body, id })
    }
    return this.#bodies[id] as Body
  }

  #groupsOn({ base, hour, deadLettersPending }: BodySpec): readonly CommitGroup[] {
    const table = ledgerTable(base, hour)
    const key = JSON.stringify([
      [...base.state.txns].sort(),
      base.state.metadata.schemaString,
      hour,
      deadLettersPending,
    ])
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    const groups = new Map<string, CommitGroup>()
    const living = this.#jobs(hour).filter((job) => triage(holding([job]), table, 1).ended.length === 0)
    for (const first of living)
      for (const second of living) {
        const held = holding(first === second ? [first] : [first, second])
        for (const { held: ended } of triage(held, table, 1).ended) held.remove(ended)
        const { group } = planGroup(held, table, { limits, deadLettersPending })
        const taken = [...group.starts, ...group.units].map((each) => living.indexOf(each.job))
        if (taken.length > 0) groups.set(taken.join(), group)
      }
    const found = [...groups.values()]
    this.#groups.set(key, found)
    return found
  }

  /** Files of this hour and of every one before. */
  #jobs(hour: number): readonly CommitJob[] {
    const units = Array.from({ length: hour + 1 }, (_, put) => this.#universe.units.map((job) => inHour(job, put)))
    return [...this.#universe.starts, ...units.flat()]
  }
}

/** The table as the product's ledger sees it, the store's clock standing in that hour. */
export function ledgerTable({ state }: MainVersion, hour: number): LedgerTable {
  return {
    id: state.metadata.id,
    schema: state.schema,
    partitionColumns: state.metadata.partitionColumns,
    progress: indexProgress(state.txns),
    columnsMax,
    putNotBeforeMs: putNotBeforeMs([state.metadata], beginMs + hour * hourMs),
  }
}

/** These jobs as a committer holds them, first come first. */
export function holding(jobs: readonly CommitJob[]): HeldJobs {
  const held = new HeldJobs()
  for (const job of jobs) {
    const arrival = { arrivedMs: beginMs, arrivedReading: 0, end: noEnd }
    if (job.kind === 'start') held.addStart({ job, ...arrival } satisfies HeldStart)
    else held.addUnit({ job, ...arrival } satisfies HeldUnit)
  }
  return held
}

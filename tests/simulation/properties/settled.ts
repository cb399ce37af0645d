import type { Truth, TruthLog, TruthRecord } from '../history.ts'
import { partitionName, type Turn } from './turn.ts'

/** What became of every offset of every partition, version by version: rows that are live now, dead letters recorded so far. */
export class Settled {
  readonly #logs = new Map<string, SettledLog>()

  constructor(truth: Truth) {
    for (const log of truth.logs) this.#logs.set(partitionName(log.topicId, log.partition), new SettledLog(log))
  }

  get logs(): Iterable<SettledLog> {
    return this.#logs.values()
  }

  /** A partition nobody produced to is made up: whatever settles there was never produced. */
  log(topicId: string | null, partition: number): SettledLog {
    const name = partitionName(topicId, partition)
    let found = this.#logs.get(name)
    if (found === undefined) {
      const nothing = { topicId: topicId ?? '', partition, records: [], logStart: 0, readableEnd: 0, isGone: false }
      found = new SettledLog(nothing)
      this.#logs.set(name, found)
    }
    return found
  }

  /** Takes the turn's progress: which offsets the table now answers for. */
  moveLedgers({ moves, step }: Turn): void {
    for (const { appId, key, from, to } of moves) {
      const log = this.log(key.topicId, key.partition)
      const ledger = log.ledgers.get(appId)
      if (ledger === undefined)
        log.ledgers.set(appId, { restart: key.restart, first: from ?? to, next: to, accepted: [] })
      else ledger.next = to
    }
    for (const decision of step.record?.decisions ?? []) {
      if (decision.kind !== 'accept-gap') continue
      for (const ledger of this.log(decision.topicId, decision.partition).ledgers.values())
        if (ledger.restart === decision.restart) ledger.accepted.push(decision)
    }
  }
}

/** Progress of a partition under one `restart`. */
export interface SettledLedger {
  readonly restart: number
  readonly first: number
  next: number
  readonly accepted: { readonly from: number; readonly to: number }[]
}

/** One partition of one topic id. */
export class SettledLog {
  readonly truth: TruthLog
  readonly name: string
  readonly records: ReadonlyMap<number, TruthRecord>
  readonly rows = new Map<number, number>()
  readonly deadLetters = new Map<number, number>()
  /** Offsets whose rows another engine took away: no longer missed. */
  readonly removedByOthers = new Set<number>()
  /** By app id. */
  readonly ledgers = new Map<string, SettledLedger>()

  constructor(truth: TruthLog) {
    this.truth = truth
    this.name = partitionName(truth.topicId, truth.partition)
    this.records = new Map(truth.records.map((each) => [each.offset, each]))
  }

  /** How often the record at `offset` is in the table, as a row or as a dead letter. */
  timesSettled(offset: number): number {
    return (this.rows.get(offset) ?? 0) + (this.deadLetters.get(offset) ?? 0)
  }

  /** How often it should be: once for each ledger that has passed it without giving it up. */
  timesDue(offset: number): number {
    let due = 0
    for (const { first, next, accepted } of this.ledgers.values()) {
      const isGivenUp = accepted.some(({ from, to }) => offset >= from && offset < to)
      if (offset >= first && offset < next && !isGivenUp) due++
    }
    return due
  }

  /** Of the newest restart; undefined where the table has never seen the partition. */
  get newestLedger(): SettledLedger | undefined {
    return [...this.ledgers.values()].sort((a, b) => b.restart - a.restart)[0]
  }
}

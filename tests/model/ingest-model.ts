import { partitionAppId, type CommitNotice, type UnitCommitJob, type WriteJob, type WriteResult } from '@silt/contracts'
import {
  planGroup,
  HeldJobs,
  indexProgress,
  expiredUnits,
  triage,
  emptyPlan,
  withAssignment,
  withEnds,
  withNotice,
  withTruth,
  withWriteResult,
  plan,
  judgeJob,
  type HeldUnit,
  type LedgerTable,
  type PlanSettings,
  type PlanState,
  type PartitionTruth,
} from './product.ts'
import type { IngestBounds } from './bounds.ts'
import type { Model, Step } from './explorer.ts'
import { ingestKey, nowMs, standing, unitText, type IngestState, type QueuedUnit } from './ingest-state.ts'
import { brokenByPlan } from './plan-properties.ts'
import { schemas, tableId, topic } from './jobs.ts'

const topicId = 'a'
/** Past every re-plan delay, hold and deadline. */
const laterMs = nowMs + 1_000_000
const noEnd = { answer: () => undefined, giveBack: () => undefined }

const settings: PlanSettings = {
  batchSize: 1,
  batchTimeoutMs: 1,
  unitMaxOffsets: 2,
  unitFirstOffsets: 2,
  unitBytesMax: Number.MAX_SAFE_INTEGER,
  unitsInFlightMax: 3,
  uncommittedOffsetsMax: 100,
  uncommittedBytesMax: Number.MAX_SAFE_INTEGER,
  replanAfterMs: 1,
  replanAfterMaxMs: 1,
  commitIntervalMinMs: 0,
  untilIdle: false,
  offsetUnit: 'record',
}

/**
 * The way of a record into the table: ingestors that may own the same partition (a zombie among them), queues that lose and double, writers in any order, one
 * committer that holds few jobs. All deciding is the product's: the planner and its events, the writer's judgement, triage, grouping, deadlines.
 */
export class IngestModel implements Model<IngestState> {
  readonly initial: IngestState
  readonly #bounds: IngestBounds
  readonly #tables = new Map<string, LedgerTable>()

  constructor(bounds: IngestBounds) {
    this.#bounds = bounds
    const txn = bounds.records.map(() => 0)
    const [first = []] = bounds.assignments
    this.initial = {
      ends: txn,
      txn,
      assignment: 0,
      plans: first.map((owned) => assigned(emptyPlan(), owned, txn)),
      write: [],
      commit: [],
    }
  }

  key(state: IngestState): string {
    return ingestKey(state)
  }

  violation(): string | undefined {
    return undefined
  }

  isDone(state: IngestState): boolean {
    return state.txn.every((next, partition) => next === this.#bounds.records[partition])
  }

  show(state: IngestState): string {
    const queue = (units: readonly QueuedUnit[]): string => units.map(unitText).join(' ') || '-'
    return `ends ${state.ends.join()} txn ${state.txn.join()} write: ${queue(state.write)} commit: ${queue(state.commit)}`
  }

  steps(state: IngestState): readonly Step<IngestState>[] {
    return [
      ...this.#produces(state),
      ...state.plans.flatMap((_, index) => this.#ingests(state, index)),
      ...state.write.flatMap((unit) => this.#writes(state, unit)),
      ...this.#commits(state),
      ...this.#goesWrong(state),
    ]
  }

  #produces(state: IngestState): Step<IngestState>[] {
    return state.ends.flatMap((end, partition) =>
      end >= (this.#bounds.records[partition] as number)
        ? []
        : [fair(`a record arrives in p${partition}`, { ...state, ends: replaced(state.ends, partition, end + 1) })],
    )
  }

  /** One round of an ingestor's loop, the log read or not, and once more after a long while in which nothing came. */
  #ingests(state: IngestState, index: number): Step<IngestState>[] {
    const owned = this.#owned(state, index)
    if (owned.length === 0) return []
    const before = state.plans[index] as PlanState
    const truth = withTruth(before, truths(owned, state.txn), version(state.txn), nowMs, settings)
    const looked = withEndsOf(truth, state, owned)
    return [
      ...this.#plans(state, index, looked, nowMs, 'reads the log and plans'),
      ...this.#plans(state, index, looked, laterMs, 'waits long, reads the log and plans'),
      ...(this.#bounds.plansUnread
        ? this.#plans(state, index, withEndsOf(before, state, owned), nowMs, 'plans unread')
        : []),
    ]
  }

  #plans(state: IngestState, index: number, from: PlanState, atMs: number, text: string): Step<IngestState>[] {
    const made = plan(from, settings, atMs)
    const units = made.issue.map(({ unit }) => ({
      id: unit.unitId,
      ranges: unit.ranges,
      full: unit.kind === 'full',
    }))
    const next = standing(made.state)
    const to = { ...state, plans: replaced(state.plans, index, next), write: withJobs(state.write, units) }
    const step = fair(`i${index} ${text}: ${units.map(unitText).join(' ') || 'nothing'}`, to)
    const broken = brokenByPlan(from, made)
    return [broken === undefined ? step : { ...step, violation: broken }]
  }

  #writes(state: IngestState, unit: QueuedUnit): Step<IngestState>[] {
    const without = { ...state, write: state.write.filter((each) => each !== unit) }
    const judged = judgeJob(writeJob(unit), { metadata: tableMetadata, txns: txnsOf(state.txn) })
    if (judged !== undefined) return [fair(`a writer finds ${unitText(unit)} ${judged.outcome}`, without)]
    const steps = [this.#written(without, unit, unit, `${unitText(unit)} is written`)]
    for (const short of this.#bounds.shortReturns ? shorter(unit) : [])
      steps.push(this.#written(without, unit, short, `of ${unitText(unit)} only ${unitText(short)} is written`))
    if (state.commit.length < this.#bounds.commitQueueMax)
      steps.push({
        label: `${unitText(unit)} is written, and its job delivered again`,
        to: { ...state, commit: withJobs(state.commit, [unit]) },
        isFair: false,
      })
    return steps
  }

  #written(state: IngestState, unit: QueuedUnit, written: QueuedUnit, text: string): Step<IngestState> {
    const ranges = written.ranges.map((each) => ({ ...each, read: each.endExclusive - each.start }))
    const result: WriteResult = { outcome: 'written', ranges, bytes: 0 }
    const plans = this.#bounds.hints
      ? state.plans.map((each) => standing(withWriteResult(each, unit.id, result, nowMs, settings)))
      : state.plans
    return fair(text, { ...state, plans, commit: withJobs(state.commit, [written]) })
  }

  /** One round: end what has ended, commit what joins up; only where neither is to be done, time passes until the deadline. */
  #commits(state: IngestState): Step<IngestState>[] {
    if (state.commit.length === 0) return []
    const table = this.#table(state.txn)
    const { held, units } = holding(state.commit.slice(0, this.#bounds.heldMax))
    const ended = triage(held, table, 1).ended.map((each) => ({
      unit: units.get(each.held as HeldUnit),
      outcome: each.outcome,
    }))
    if (ended.length > 0) return [this.#answers(state, ended, 'ends')]
    const { group, reachable } = planGroup(held, table, {
      limits: { actionsMax: 1000, bytesMax: 1_000_000 },
      deadLettersPending: false,
    })
    if (group.units.length > 0) {
      const txn = [...state.txn]
      for (const { job } of group.units) for (const range of job.ranges) txn[range.partition] = range.endExclusive
      const committed = group.units.map((each) => ({ unit: units.get(each), outcome: 'committed' as const }))
      return [this.#answers({ ...state, txn }, committed, 'commits')]
    }
    const times = { nowMs: laterMs, deadlineMs: 1, availableSinceMs: nowMs, provedMs: laterMs }
    const expired = expiredUnits(held, reachable, times)
    if (expired.length === 0) return []
    return [
      this.#answers(
        state,
        expired.map((each) => ({ unit: units.get(each.held as HeldUnit), outcome: each.outcome })),
        'gives up',
      ),
    ]
  }

  #answers(
    state: IngestState,
    ends: readonly { readonly unit: QueuedUnit | undefined; readonly outcome: CommitNotice['outcome'] }[],
    text: string,
  ): Step<IngestState> {
    const over = new Set(ends.map((each) => each.unit))
    let { plans } = state
    for (const { unit, outcome } of this.#bounds.hints ? ends : [])
      if (unit !== undefined)
        plans = plans.map((each) =>
          standing(withNotice(each, unit.id, noticeOf(unit, outcome, state.txn), nowMs, settings)),
        )
    const names = ends.map(({ unit, outcome }) => `${unit === undefined ? '?' : unitText(unit)} (${outcome})`)
    const commit = state.commit.filter((each) => !over.has(each))
    return fair(`the committer ${text} ${names.join(', ')}`, { ...state, plans, commit })
  }

  /** Queues lose jobs; partitions change owners, and an old owner may not know. */
  #goesWrong(state: IngestState): Step<IngestState>[] {
    const lost = (label: string, to: IngestState): Step<IngestState> => ({ label, to, isFair: false })
    const steps = [
      ...state.write.map((unit) =>
        lost(`the write queue loses ${unitText(unit)}`, {
          ...state,
          write: state.write.filter((each) => each !== unit),
        }),
      ),
      ...state.commit.map((unit) =>
        lost(`the commit queue loses ${unitText(unit)}`, {
          ...state,
          commit: state.commit.filter((each) => each !== unit),
        }),
      ),
    ]
    for (const [assignment, owners] of this.#bounds.assignments.entries()) {
      if (assignment === state.assignment) continue
      const plans = owners.map((owned, index) => {
        const is = state.plans[index] as PlanState
        const isSame = String(owned) === String(this.#owned(state, index))
        return isSame ? is : assigned(is, owned, state.txn)
      })
      steps.push(
        lost(`partitions are assigned anew: ${owners.map((each) => each.join('+')).join(' / ')}`, {
          ...state,
          assignment,
          plans,
        }),
      )
    }
    return steps
  }

  #owned(state: IngestState, index: number): readonly number[] {
    return this.#bounds.assignments[state.assignment]?.[index] ?? []
  }

  #table(txn: readonly number[]): LedgerTable {
    const key = txn.join()
    const known = this.#tables.get(key)
    if (known !== undefined) return known
    const table = {
      id: tableId,
      schema: schemas.plain,
      partitionColumns: [],
      progress: indexProgress(txnsOf(txn)),
      columnsMax: 100,
      putNotBeforeMs: undefined,
    }
    this.#tables.set(key, table)
    return table
  }
}

const tableMetadata = {
  id: tableId,
  format: { provider: 'parquet' },
  schemaString: '',
  partitionColumns: [],
  configuration: {},
}

function fair(label: string, to: IngestState): Step<IngestState> {
  return { label, to, isFair: true }
}

function replaced<V>(values: readonly V[], index: number, value: V): readonly V[] {
  return values.map((each, at) => (at === index ? value : each))
}

/** A job whose id is in the queue already is not added again. */
function withJobs(queue: readonly QueuedUnit[], units: readonly QueuedUnit[]): readonly QueuedUnit[] {
  const ids = new Set(queue.map((each) => each.id))
  return [...queue, ...units.filter((each) => !ids.has(each.id))]
}

function assigned(before: PlanState, owned: readonly number[], txn: readonly number[]): PlanState {
  return standing(withAssignment(before, 0, truths(owned, txn), version(txn), nowMs, settings))
}

function withEndsOf(before: PlanState, state: IngestState, owned: readonly number[]): PlanState {
  const ends = owned.map((partition) => ({
    partition,
    logStart: 0,
    readableEnd: state.ends[partition] as number,
  }))
  return withEnds(before, ends, nowMs)
}

function truths(owned: readonly number[], txn: readonly number[]): readonly PartitionTruth[] {
  return owned.map((partition) => ({ partition, topicId, restart: 0, next: txn[partition] as number }))
}

/** Grows with every commit, like the table's. */
function version(txn: readonly number[]): number {
  return txn.reduce((sum, next) => sum + next, 0)
}

function txnsOf(txn: readonly number[]): ReadonlyMap<string, number> {
  return new Map(
    txn.map((next, partition) => [partitionAppId('silt', { topic, topicId, partition, restart: 0 }), next]),
  )
}

function writeJob(unit: QueuedUnit): WriteJob {
  return { v: 1, unitId: unit.id, tableId, topic, topicId, ranges: unit.ranges, cutAtMs: nowMs, full: unit.full }
}

/** What a writer returns whose unit became full before its end: less of the last range, or not all ranges. */
function shorter(unit: QueuedUnit): readonly QueuedUnit[] {
  const last = unit.ranges.at(-1)
  if (last === undefined) return []
  const before = unit.ranges.slice(0, -1)
  const cut = last.endExclusive - last.start > 1 ? [[...before, { ...last, endExclusive: last.start + 1 }]] : []
  return [...cut, ...(before.length > 0 ? [before] : [])].map((ranges) => ({ ...unit, ranges }))
}

function commitJob(unit: QueuedUnit): UnitCommitJob {
  const ranges = unit.ranges.map((each) => {
    const read = each.endExclusive - each.start
    return { ...each, read, rows: read, deadLetters: 0, gaps: 0 }
  })
  return {
    ...writeJob(unit),
    kind: 'unit',
    ranges,
    schema: schemas.plain,
    adds: [],
    deadLetterAdds: [],
    putAt: nowMs,
  }
}

function holding(queue: readonly QueuedUnit[]): { held: HeldJobs; units: ReadonlyMap<HeldUnit, QueuedUnit> } {
  const held = new HeldJobs()
  const units = new Map<HeldUnit, QueuedUnit>()
  for (const unit of queue) {
    const each: HeldUnit = { job: commitJob(unit), arrivedMs: nowMs, arrivedReading: 0, end: noEnd }
    held.addUnit(each)
    units.set(each, unit)
  }
  return { held, units }
}

function noticeOf(unit: QueuedUnit, outcome: CommitNotice['outcome'], txn: readonly number[]): CommitNotice {
  return {
    outcome,
    version: version(txn),
    txn: Object.fromEntries(unit.ranges.map((each) => [String(each.partition), txn[each.partition] as number])),
    nextSlot: 0,
    ranges: unit.ranges.map((each) => ({ ...each, read: each.endExclusive - each.start })),
  }
}

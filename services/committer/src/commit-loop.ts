import type { CommitJob, CommitNotice } from '@silt/contracts'
import {
  asSiltError,
  backoffMs,
  isSiltError,
  SaidOnce,
  shouldRetry,
  SiltError,
  unreachable,
  type Clock,
  type Log,
  type Metrics,
  type Random,
  type Traces,
} from '@silt/core'
import type { Checkpoints } from './checkpoints.ts'
import { commitActions } from './commit-actions.ts'
import type { CommitterOptions } from './committer-options.ts'
import { applyDeadLetters, pendingRecord } from './dead-letter-projection.ts'
import { putNotBeforeMs } from './file-age.ts'
import { planGroup, type CommitGroup, type GroupPlan } from './group-commit.ts'
import { HeldJobs, type HeldStart, type HeldUnit } from './held-jobs.ts'
import { countCommit, noticeOf, reportEnd } from './job-answers.ts'
import { judgeUnit, type LedgerTable } from './ledger.ts'
import { ledgerTable } from './ledger-table.ts'
import {
  afterArrival,
  afterSmallVersion,
  nextSlotWallMs,
  openSlots,
  slotDue,
  versionDueMs,
  type Slots,
} from './slots.ts'
import type { TableStand } from './table-stand.ts'
import { traceCommitted, traceEnded } from './trace-commit.ts'
import { expiredUnits, nextExpiryMs, triage, type DeadlineTimes, type EndedJob } from './triage.ts'
import { Wake } from './wake.ts'

/** What follows a round. `idle`: nothing can be done for `ms`, unless a job comes. `retry`: something is away, wait `ms` whatever comes. */
type Next =
  | { readonly kind: 'again' }
  | { readonly kind: 'idle'; readonly ms: number }
  | { readonly kind: 'retry'; readonly ms: number }

const again: Next = Object.freeze({ kind: 'again' })

export interface CommitLoopDeps {
  readonly stand: TableStand
  readonly checkpoints: Checkpoints
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  readonly traces?: Traces
}

/**
 * Turns held commit jobs into versions, one round after another; a round reads what it must, ends what has ended, commits one group.
 *
 * 1. `submit` settles when the job's version is durable, when the job has ended otherwise, or rejects with `committer/stopped` (fenced): then
 *    it goes back into its queue.
 * 2. Every commit is built from the newest state as read from the log (I6, I7); nothing is committed while the table is parked, paused or stopped.
 * 3. While the store is away jobs are kept and tried again with back-off; how many there are is the queue's concurrency.
 */
export class CommitLoop {
  readonly #deps: CommitLoopDeps
  readonly #options: CommitterOptions
  readonly #held = new HeldJobs()
  readonly #otherTables = new SaidOnce()
  readonly #wake: Wake
  #slots: Slots
  #groupBytesMax: number
  #closed = false
  #failures = 0
  #losses = 0
  #availableSinceMs: number
  #table: { readonly state: object; readonly table: LedgerTable } | undefined

  constructor(deps: CommitLoopDeps, options: CommitterOptions) {
    const nowMs = deps.clock.monotonicMs()
    this.#deps = deps
    this.#options = options
    this.#wake = new Wake(deps.clock)
    this.#slots = openSlots(options.commitIntervalMinMs, nowMs)
    this.#groupBytesMax = options.tuning.groupBytesMax
    this.#availableSinceMs = nowMs
  }

  submit(job: CommitJob): Promise<CommitNotice> {
    return new Promise((answer, giveBack) => {
      if (this.#closed) {
        giveBack(stopped())
        return
      }
      const arrivedMs = this.#deps.clock.monotonicMs()
      const arrivedReading = this.#deps.stand.main.readingsBegun
      const end = { answer, giveBack }
      if (job.kind === 'start') this.#held.addStart({ job, arrivedMs, arrivedReading, end })
      else {
        const unit: HeldUnit = { job, arrivedMs, arrivedReading, end }
        const sinceCutMs = this.#deps.clock.nowMs() - job.cutAtMs
        const slotInMs = Math.round(this.#slots.nextMs - arrivedMs)
        this.#deps.log.debug({ unit: job.unitId, sinceCutMs, slotInMs }, 'commit job held')
        if (!job.full) this.#slots = afterArrival(this.#slots, arrivedMs)
        this.#held.addUnit(unit)
        // What is in stays in, whatever else the loop is waiting for.
        if (judgeUnit(job, this.#ledgerTable()).kind === 'duplicate')
          this.#end({ held: unit, outcome: 'duplicate', reason: 'duplicate' })
      }
      this.#wake.wake()
    })
  }

  /** Runs until `stop` aborts, or until `drain` has aborted and nothing more can be committed; then gives every job back. Throws only bugs. */
  async run(stop: AbortSignal, drain: AbortSignal): Promise<void> {
    try {
      while (!stop.aborted) {
        const next = await this.#guardedRound(drain.aborted)
        this.#deps.metrics.gauge('silt_commit_units_held', { table: this.#options.label }, this.#held.size)
        if (next.kind === 'retry') await this.#deps.clock.sleep(next.ms, stop)
        else if (next.kind === 'idle' && drain.aborted) return
        else if (next.kind === 'idle') await this.#wake.sleep(next.ms, [stop, drain])
      }
    } finally {
      this.#closed = true
      for (const held of [...this.#held.units, ...this.#held.starts]) {
        this.#held.remove(held)
        held.end.giveBack(stopped())
      }
    }
  }

  /** A round that meets an absent store, a broken table or a foreign refusal says how long to wait; bugs pass through. */
  async #guardedRound(draining: boolean): Promise<Next> {
    const { clock, log, metrics, random, stand } = this.#deps
    try {
      const next = await this.#round(draining)
      this.#failures = 0
      return next
    } catch (cause) {
      const error = asSiltError(cause)
      if (error.kind === 'internal') throw error
      this.#failures++
      const { code, kind } = error
      metrics.count('silt_errors_total', { table: this.#options.label, actor: 'committer', kind, code })
      if (!shouldRetry(error) && error.kind !== 'ambiguous') {
        stand.stop(error)
        return again
      }
      const ms = backoffMs(this.#options.tuning.backoff, this.#failures, random)
      if (this.#failures === 1 || this.#failures % 10 === 0)
        log.warn({ code, kind, error, attempt: this.#failures }, `cannot commit now, jobs are kept: ${error.message}`)
      this.#availableSinceMs = clock.monotonicMs() + ms
      return { kind: 'retry', ms }
    }
  }

  async #round(draining: boolean): Promise<Next> {
    const { clock, stand } = this.#deps
    if (stand.stopped !== undefined) return this.#stoppedRound()
    await stand.prepare()
    const deadLettersPending = await this.#projectDeadLetters()
    if (stand.parked !== undefined || stand.paused !== undefined) return this.#heldBackRound()
    this.#startCheckpoints()

    const { ended, lookFirst } = triage(this.#held, this.#ledgerTable(), stand.main.provedReading)
    for (const each of ended) this.#end(each)
    if (lookFirst) {
      await stand.look()
      return again
    }
    const plan = this.#plan(deadLettersPending)
    const { group } = plan
    const nowMs = clock.monotonicMs()
    const some = group.units.length + group.starts.length > 0
    if (some && (plan.urgent || draining || nowMs >= this.#dueMs(group))) return this.#commit(group)
    return this.#waitFor(plan, deadLettersPending)
  }

  #plan(deadLettersPending: boolean): GroupPlan {
    const limits = { actionsMax: this.#options.tuning.groupActionsMax, bytesMax: this.#groupBytesMax }
    const plan = planGroup(this.#held, this.#ledgerTable(), { limits, deadLettersPending })
    const onlyStarts = plan.group.starts.length > 0 && !plan.group.units.some((unit) => unit.job.full)
    if (!onlyStarts || slotDue(this.#slots, this.#deps.clock.monotonicMs())) return plan
    // A start is not paced, and does not make small units come early.
    return { ...plan, group: { ...plan.group, units: [], schema: this.#deps.stand.main.state.schema } }
  }

  /** When a group without anything urgent is committed. */
  #dueMs(group: CommitGroup): number {
    const small = smallUnits(group)
    return versionDueMs(this.#slots, {
      units: small.length,
      firstMs: Math.min(...small.map((unit) => unit.arrivedMs)),
    })
  }

  /** I5: no commit records dead letters while an earlier record is not applied. True while one cannot be. */
  async #projectDeadLetters(): Promise<boolean> {
    const { clock, random, stand, log } = this.#deps
    if (pendingRecord(stand.main.state, stand.deadLetters.state) === undefined) return false
    try {
      const attemptsMax = this.#options.tuning.projectionAttemptsMax
      await applyDeadLetters(stand.main, stand.deadLetters, { clock, random, attemptsMax })
      return false
    } catch (cause) {
      const error = asSiltError(cause)
      if (!shouldRetry(error) && error.kind !== 'ambiguous') throw error
      log.warn(
        { code: error.code, kind: error.kind, error },
        'dead letters wait for their table, units without any go on',
      )
      return true
    }
  }

  async #commit(group: CommitGroup): Promise<Next> {
    const { clock, log, metrics, random, stand } = this.#deps
    const table = { table: this.#options.label }
    const beganMs = clock.monotonicMs()
    const token = random.uuid()
    const actions = commitActions(stand.main.state, group, { token, wallMs: clock.nowMs() })
    let outcome
    try {
      outcome = await stand.main.commit(actions, token)
    } catch (error) {
      if (!isSiltError(error, 'delta/commit-too-large')) throw error
      return this.#shrink(group, error)
    }
    metrics.observe('silt_commit_seconds', table, (clock.monotonicMs() - beganMs) / 1000)
    switch (outcome.kind) {
      case 'committed':
        this.#committed(group, beganMs)
        return again
      case 'unproved':
        return again
      case 'conflict':
        metrics.count('silt_commit_conflicts_total', table)
        log.info({ version: stand.main.state.version + 1 }, 'another commit took the version, building anew')
        return this.#afterLoss()
      case 'unknown':
        metrics.count('silt_commit_unknown_total', table)
        log.warn(
          { version: stand.main.state.version + 1, error: outcome.cause },
          'a commit has no answer, reading the log',
        )
        return this.#afterLoss()
      default:
        return unreachable(outcome)
    }
  }

  /** The log is read before anything else is done; two committers at odds step aside for a random while. */
  async #afterLoss(): Promise<Next> {
    await this.#deps.stand.prepare()
    this.#losses++
    return { kind: 'retry', ms: backoffMs(this.#options.tuning.backoff, this.#losses, this.#deps.random) }
  }

  #committed(group: CommitGroup, beganMs: number): void {
    const { clock, log, metrics, stand } = this.#deps
    const wallMs = clock.nowMs()
    this.#losses = 0
    const units = smallUnits(group).length
    if (units > 0) this.#slots = afterSmallVersion(this.#slots, beganMs, units)
    countCommit(metrics, this.#options.label, group, wallMs)
    traceCommitted(this.#deps, group, beganMs, stand.main.state.version)
    stand.moved()
    for (const held of [...group.units, ...group.starts]) this.#answer(held, 'committed')
    const ms = clock.monotonicMs() - beganMs
    log.info(
      { version: stand.main.state.version, ms, units: group.units.length, starts: group.starts.length },
      'committed',
    )
  }

  /** The body was larger than the log takes: smaller groups from here on; a unit that is too large alone cannot be committed at all. */
  #shrink(group: CommitGroup, error: SiltError): Next {
    const only = group.units.length === 1 ? group.units[0] : undefined
    if (only !== undefined) this.#end({ held: only, outcome: 'refused', reason: 'too-large', message: error.message })
    this.#groupBytesMax = Math.max(1, Math.floor(this.#groupBytesMax / 2))
    return again
  }

  async #waitFor(plan: GroupPlan, deadLettersPending: boolean): Promise<Next> {
    const { clock, stand, random } = this.#deps
    const { tuning } = this.#options
    const nowMs = clock.monotonicMs()
    const times: DeadlineTimes = {
      nowMs,
      deadlineMs: this.#options.heldUnitDeadlineMs,
      availableSinceMs: this.#availableSinceMs,
      provedMs: stand.main.provedMs,
    }
    const expired = expiredUnits(this.#held, plan.reachable, times)
    for (const each of expired) this.#end(each)
    const someAhead = [...this.#held.units].some((unit) => !plan.reachable.has(unit))
    const refreshMs = stand.main.provedMs + (someAhead ? tuning.logRefreshMs : tuning.idlePollMs)
    if (nowMs >= refreshMs) {
      await stand.look()
      return again
    }
    const waits = [refreshMs - nowMs, (nextExpiryMs(this.#held, plan.reachable, times) ?? Infinity) - nowMs]
    if (plan.group.units.length > 0) waits.push(this.#dueMs(plan.group) - nowMs)
    if (deadLettersPending) waits.push(backoffMs({ ...tuning.backoff, firstMs: tuning.backoff.maxMs }, 1, random))
    return { kind: 'idle', ms: Math.max(1, Math.ceil(Math.min(...waits))) }
  }

  /** Parked or paused: jobs are kept, and on release the ledger takes what still fits. */
  async #heldBackRound(): Promise<Next> {
    const { clock, stand } = this.#deps
    const { parkedPollMs, pausedPollMs } = this.#options.tuning
    const pollMs = stand.parked === undefined ? pausedPollMs : parkedPollMs
    this.#availableSinceMs = clock.monotonicMs()
    if (this.#availableSinceMs - stand.main.provedMs >= pollMs) await stand.look()
    return stand.parked === undefined && stand.paused === undefined ? again : { kind: 'idle', ms: pollMs }
  }

  /** Jobs are answered, not kept: what stopped the table is for an operator. */
  async #stoppedRound(): Promise<Next> {
    const { stand } = this.#deps
    const { parkedPollMs } = this.#options.tuning
    const message = stand.stopped?.message ?? ''
    for (const held of [...this.#held.units, ...this.#held.starts])
      this.#end({ held, outcome: 'refused', reason: 'table-stopped', message })
    await stand.retry(parkedPollMs)
    return stand.stopped === undefined ? again : { kind: 'idle', ms: parkedPollMs }
  }

  #startCheckpoints(): void {
    const { checkpoints, stand } = this.#deps
    checkpoints.start('main', stand.main)
    checkpoints.start('dead-letters', stand.deadLetters)
  }

  #end(ended: EndedJob): void {
    reportEnd({ ...this.#deps, otherTables: this.#otherTables }, this.#options.label, ended)
    traceEnded(this.#deps, ended)
    this.#answer(ended.held, ended.outcome)
  }

  #answer(held: HeldUnit | HeldStart, outcome: CommitNotice['outcome']): void {
    const { clock, stand } = this.#deps
    this.#held.remove(held)
    const { progress } = this.#ledgerTable()
    const nextSlot = nextSlotWallMs(this.#slots, clock.monotonicMs(), clock.nowMs())
    held.end.answer(noticeOf(held, outcome, { version: stand.main.state.version, progress, nextSlot }))
  }

  /** The newest state as the ledger sees it; the index is built once a state. */
  #ledgerTable(): LedgerTable {
    const { main, deadLetters } = this.#deps.stand
    const { state } = main
    const age = putNotBeforeMs([state.metadata, deadLetters.state.metadata], main.store.newestAnswerMs())
    if (this.#table?.state !== state) this.#table = { state, table: ledgerTable(state, this.#options.columnsMax) }
    return { ...this.#table.table, putNotBeforeMs: age }
  }
}

function smallUnits(group: CommitGroup): readonly HeldUnit[] {
  return group.units.filter((unit) => !unit.job.full)
}

function stopped(): SiltError {
  return new SiltError('fenced', 'committer/stopped', 'this committer stopped before the job was committed')
}

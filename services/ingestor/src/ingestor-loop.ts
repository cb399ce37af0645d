import { encodeWriteJob, jobVersion, type WriteJob } from '@silt/contracts'
import {
  asSiltError,
  shouldRetry,
  SiltError,
  type Assignment,
  type PartitionEnds,
  type TopicPartition,
} from '@silt/core'
import { followedTable, type FollowedTable } from '@silt/delta'
import { judgeRowRules } from '@silt/rows'
import { assessPartition, newestProgress, type PartitionAssessment } from './assess-partition.ts'
import { confirmStops, type SuspectedStop } from './confirm-stops.ts'
import { HintFolding } from './hint-folding.ts'
import { Hints } from './hints.ts'
import { IngestorMetrics } from './ingestor-metrics.ts'
import type { IngestorDeps, IngestorOptions } from './ingestor-options.ts'
import { Outbox } from './outbox.ts'
import { partitionsAway } from './partitions-away.ts'
import { PauseWatch } from './pause-watch.ts'
import { emptyPlan, withAssignment, withEnds, withHold, withStandstill, withStops, withTruth } from './plan-events.ts'
import { isUncommitted, type PartitionTruth, type PlanSettings, type PlanState } from './plan-state.ts'
import { plan } from './planner.ts'
import { planStarts } from './start-from.ts'
import { StartJobs } from './start-jobs.ts'
import { steadyClock, type SteadyClock } from './steady-clock.ts'
import { topicProgress } from './topic-progress.ts'
import { TransactionWatch } from './transaction-watch.ts'
import { idleness, idleTarget, isStillTarget, type IdleTarget } from './until-idle.ts'
import { Wake } from './wake.ts'

const untilIdleRefreshMs = 400
/** Steps woken by hints keep this distance, so that a burst of them costs one poll. */
const stepPauseMs = 10

/** The thin shell around `plan`: polls, folds what came in, puts what was cut into the queue. One step at a time. */
export class IngestorLoop {
  readonly #deps: IngestorDeps
  readonly #clock: SteadyClock
  readonly #options: IngestorOptions
  readonly #settings: PlanSettings
  readonly #view: FollowedTable
  readonly #starts: StartJobs
  readonly #outbox: Outbox
  readonly #metrics: IngestorMetrics
  readonly #transactions: TransactionWatch
  readonly #wake = new Wake()
  #state: PlanState = emptyPlan()
  readonly #hints: Hints
  readonly #folding: HintFolding
  readonly #pause: PauseWatch
  #assignment: Assignment | undefined
  #topicPartitions: readonly TopicPartition[] | undefined
  #topicReadMs = -Infinity
  #isRefreshWanted = true
  #suspects: ReadonlyMap<number, SuspectedStop> = new Map()
  /** Of all partitions of the topic, watched while `--until-idle` waits for them. */
  #topicSuspects: ReadonlyMap<number, SuspectedStop> = new Map()
  /** Why the group has given no partitions; told once by the membership, true until it does. */
  #joinDelay: string | undefined
  #idleTarget: IdleTarget | undefined
  #reported = ''
  #reporting = false
  /** What readiness was last told, a note or none; undefined: not ready. */
  #readyNote: string | undefined

  constructor(deps: IngestorDeps, options: IngestorOptions) {
    this.#deps = deps
    this.#clock = steadyClock(deps.clock)
    this.#options = options
    this.#settings = { ...options, offsetUnit: deps.source.offsetUnit }
    this.#view = followedTable({ ...deps, judge: judgeRowRules, steadyNowMs: () => this.#clock.nowMs() })
    this.#starts = new StartJobs(deps.source, options)
    this.#transactions = new TransactionWatch(deps.source, options)
    this.#metrics = new IngestorMetrics({ ...deps, clock: this.#clock }, options)
    this.#pause = new PauseWatch(deps.metrics, deps.log, options.table)
    this.#hints = new Hints(deps.writeQueue, deps.commitQueues, () => this.#wake.now())
    const { log } = deps
    this.#folding = new HintFolding(
      { log, metrics: this.#metrics, clock: this.#clock, settings: this.#settings },
      options.topic,
    )
    this.#outbox = new Outbox((error) => this.#metrics.error(error))
  }

  async run(signal: AbortSignal): Promise<void> {
    const ended = new AbortController()
    const running = AbortSignal.any([signal, ended.signal])
    const unsubscribe = this.#hints.listen()
    let failure: unknown
    const membership = this.#deps.membership
      .run(
        running,
        (assignment) => {
          this.#assignment = assignment
          if (assignment.partitions.length > 0) this.#joinDelay = undefined
          this.#wake.now()
        },
        (error) => {
          this.#joinDelay = asSiltError(error).message
          this.#wait(error)
        },
      )
      .catch((error: unknown) => {
        failure = error
        ended.abort()
      })
    try {
      await this.#steps(running)
    } finally {
      unsubscribe()
      ended.abort()
      await this.#deadline(Promise.all([membership, this.#outbox.settled()]))
    }
    if (failure !== undefined) throw asSiltError(failure)
  }

  async #steps(signal: AbortSignal): Promise<void> {
    const clock = this.#clock
    while (!signal.aborted) {
      let waitMs = this.#options.endPollMs
      try {
        const outcome = await this.#step()
        if (outcome.isIdle) return
        waitMs = Math.min(waitMs, Math.max(stepPauseMs, outcome.wakeMs - clock.nowMs()))
      } catch (error) {
        if (!shouldRetry(error)) throw error
        this.#wait(error)
      }
      await this.#wake.wait(waitMs, clock, signal)
      await clock.sleep(stepPauseMs, signal)
    }
  }

  /** One round: look at the log and the source, fold, plan, send. */
  async #step(): Promise<{ readonly isIdle: boolean; readonly wakeMs: number }> {
    const assignment = this.#assignment
    this.#foldHints()
    await this.#look(assignment)
    if (this.#view.state === undefined || assignment === undefined || this.#topicPartitions === undefined) {
      if (this.#view.state !== undefined && this.#joinDelay !== undefined) this.#deps.onWaiting(this.#joinDelay)
      return { isIdle: false, wakeMs: Infinity }
    }
    const owned = this.#takeAssignment(assignment)
    const ends = await this.#deps.source.ends(
      this.#options.topic,
      owned.map((each) => each.partition),
    )
    const away = owned.filter(({ partition }) => !ends.some((each) => each.partition === partition))
    const assessments = this.#assess(owned, ends)
    this.#suspects = this.#confirm(this.#suspects, assessments)
    const isPaused = this.#pause.paused !== undefined
    if (!isPaused) await this.#start(owned, assessments)
    this.#fold(assessments, ends)
    if (isPaused) this.#state = withStandstill(this.#state, this.#clock.nowMs(), this.#settings)
    const cutAtMs = isPaused ? undefined : this.#cut()
    this.#outbox.keep((id) => this.#state.units.has(id) || this.#starts.has(id))
    this.#outbox.flush()
    this.#show(away)
    await this.#watchTopic(this.#topicPartitions)
    return { isIdle: this.#isIdle(), wakeMs: cutAtMs ?? Infinity }
  }

  #cut(): number | undefined {
    const made = plan(this.#state, this.#settings, this.#clock.nowMs())
    this.#state = made.state
    for (const { unit } of made.issue) {
      const job = this.#writeJob(unit)
      this.#outbox.put({ queue: this.#deps.writeQueue, id: unit.unitId, data: encodeWriteJob(job) })
    }
    this.#metrics.countIssued(made.issue, made.replanned, made.state.pacing)
    return made.cutAtMs
  }

  /** The log when it is due, the topic's partitions when they are; both at once. */
  async #look(assignment: Assignment | undefined): Promise<void> {
    const { source } = this.#deps
    const nowMs = this.#clock.nowMs()
    const isNewGeneration = assignment !== undefined && assignment.generation !== this.#state.generation
    const isLogDue = this.#isRefreshWanted || isNewGeneration || nowMs - this.#view.readMs >= this.#refreshMs()
    const isTopicDue = isNewGeneration || nowMs - this.#topicReadMs >= this.#options.topicPollMs
    const [, topicPartitions] = await Promise.all([
      isLogDue ? this.#readLog() : undefined,
      isTopicDue ? source.partitions(this.#options.topic) : this.#topicPartitions,
    ])
    if (isLogDue) this.#isRefreshWanted = this.#view.state === undefined
    if (isTopicDue && topicPartitions !== undefined) this.#topicReadMs = nowMs
    this.#topicPartitions = topicPartitions
    if (this.#view.state === undefined) this.#waitForTable()
    if (this.#options.untilIdle && topicPartitions !== undefined) await this.#aim(topicPartitions)
  }

  /** Sets where `--until-idle` ends, once a topic id. */
  async #aim(topicPartitions: readonly TopicPartition[]): Promise<void> {
    if (this.#idleTarget !== undefined && isStillTarget(this.#idleTarget, topicPartitions)) return
    const partitions = topicPartitions.map((each) => each.partition)
    this.#idleTarget = idleTarget(topicPartitions, await this.#deps.source.ends(this.#options.topic, partitions))
  }

  /** A pause is looked at with every reading: the source may be away and end the step. */
  async #readLog(): Promise<void> {
    await this.#view.refresh()
    if (this.#view.state !== undefined) this.#pause.look(this.#view.state.txns)
  }

  #refreshMs(): number {
    const { untilIdle, txnRefreshMs, batchTimeoutMs } = this.#options
    if (untilIdle) return untilIdleRefreshMs
    const isOpen = isUncommitted(this.#state) || this.#starts.isPending || this.#suspects.size > 0
    return isOpen || this.#pause.paused !== undefined ? txnRefreshMs : Math.max(txnRefreshMs, batchTimeoutMs)
  }

  /** Owned partitions that the topic has; a new generation drops what an older one planned. */
  #takeAssignment(assignment: Assignment): readonly TopicPartition[] {
    const owned = (this.#topicPartitions ?? []).filter((each) => assignment.partitions.includes(each.partition))
    if (assignment.generation !== this.#state.generation) {
      const nowMs = this.#clock.nowMs()
      const progress = topicProgress(this.#view, this.#options.topic)
      const truths = owned.flatMap(({ partition, topicId }) => newestProgress(progress, partition, topicId) ?? [])
      this.#state = withAssignment(this.#state, assignment.generation, truths, this.#version, nowMs, this.#settings)
      this.#suspects = new Map()
      this.#deps.log.info(
        { topic: this.#options.topic, generation: assignment.generation, partitions: owned.length },
        'partitions assigned',
      )
    }
    return owned
  }

  #assess(owned: readonly TopicPartition[], ends: readonly PartitionEnds[]): ReadonlyMap<number, PartitionAssessment> {
    const progress = topicProgress(this.#view, this.#options.topic)
    const assessments = new Map<number, PartitionAssessment>()
    for (const topicPartition of owned) {
      const own = ends.find((each) => each.partition === topicPartition.partition)
      if (own === undefined) continue
      const facts = {
        sourceKind: this.#deps.source.kind,
        topic: this.#options.topic,
        topicPartition,
        ends: own,
        progress,
      }
      assessments.set(topicPartition.partition, assessPartition(facts))
    }
    return assessments
  }

  #confirm(
    before: ReadonlyMap<number, SuspectedStop>,
    assessments: ReadonlyMap<number, PartitionAssessment>,
  ): ReadonlyMap<number, SuspectedStop> {
    const nowMs = this.#clock.nowMs()
    const timing = { nowMs, logReadMs: this.#view.readMs, confirmAfterMs: this.#options.stopConfirmMs }
    return confirmStops(before, assessments, timing)
  }

  /** Idle is said of the whole topic: a partition that is stopped at another member would be waited for for ever. */
  async #watchTopic(topicPartitions: readonly TopicPartition[]): Promise<void> {
    if (this.#idleTarget === undefined) return
    const partitions = topicPartitions.map((each) => each.partition)
    const ends = await this.#deps.source.ends(this.#options.topic, partitions)
    this.#topicSuspects = this.#confirm(this.#topicSuspects, this.#assess(topicPartitions, ends))
  }

  async #start(owned: readonly TopicPartition[], assessments: ReadonlyMap<number, PartitionAssessment>): Promise<void> {
    const { source, commitQueues } = this.#deps
    const unseen = owned.filter((each) => assessments.get(each.partition)?.kind === 'unseen')
    const facts = { sourceKind: source.kind, progress: topicProgress(this.#view, this.#options.topic) }
    const planned = planStarts(this.#options.startFrom, unseen, this.#topicPartitions ?? [], facts)
    this.#starts.keep(new Set(planned.map((each) => each.topicPartition.partition)))
    const [queue] = commitQueues
    const tableId = this.#view.state?.metadata.id
    if (queue === undefined || tableId === undefined) return
    for (const { id, data } of await this.#starts.due(planned, tableId, this.#clock.nowMs()))
      this.#outbox.put({ queue, id, data })
  }

  #fold(assessments: ReadonlyMap<number, PartitionAssessment>, ends: readonly PartitionEnds[]): void {
    const nowMs = this.#clock.nowMs()
    const truths: PartitionTruth[] = []
    for (const assessment of assessments.values())
      if (assessment.kind !== 'unseen' && assessment.progress !== undefined) truths.push(assessment.progress)
    const stopped = [...this.#suspects].filter(([, each]) => each.confirmed).map(([partition]) => partition)
    this.#state = withTruth(this.#state, truths, this.#version, nowMs, this.#settings)
    this.#state = withEnds(this.#state, ends, nowMs)
    this.#state = withStops(this.#state, new Set(stopped))
    this.#state = withHold(this.#state, [...this.#suspects.keys()], nowMs + 2 * this.#options.endPollMs)
  }

  #foldHints(): void {
    const nowMs = this.#clock.nowMs()
    const folded = this.#folding.fold(this.#state, this.#hints.take(), nowMs, (id) => this.#starts.has(id))
    this.#state = folded.state
    this.#isRefreshWanted ||= folded.isLogWanted
    if (folded.isTopicWanted) this.#topicReadMs = -Infinity
  }

  #writeJob(unit: {
    readonly unitId: string
    readonly topicId: string | null
    readonly ranges: WriteJob['ranges']
    readonly cutAtMs: number
    readonly kind: string
    readonly apart: boolean
  }): WriteJob {
    const { unitId, topicId, ranges } = unit
    const cutAtMs = this.#clock.toWallMs(unit.cutAtMs)
    const tableId = this.#view.state?.metadata.id ?? ''
    return {
      v: jobVersion,
      unitId,
      tableId,
      topic: this.#options.topic,
      topicId,
      ranges,
      cutAtMs,
      full: unit.kind === 'full',
      ...(unit.apart ? { apart: true } : {}),
    }
  }

  #isIdle(): boolean {
    if (this.#idleTarget === undefined || this.#view.state === undefined) return false
    const found = idleness(this.#idleTarget, this.#options.topic, this.#view.state.txns, this.#topicSuspects)
    if (found.kind === 'working' && this.#pause.paused !== undefined)
      throw new SiltError('unsupported', 'table/paused', this.#pause.note)
    if (found.kind !== 'stopped') return found.kind === 'idle'
    throw new SiltError('data', found.stop.code, found.stop.message)
  }

  #show(away: readonly TopicPartition[]): void {
    this.#transactions.look(this.#state, this.#clock)
    this.#metrics.showPlan(this.#state, this.#clock.nowMs(), this.#transactions)
    this.#metrics.showStops(this.#suspects)
    if (away.length === 0) this.#metrics.allWell()
    else this.#metrics.error(partitionsAway(this.#options.topic, away))
    const { note } = this.#pause
    if (this.#readyNote !== note) this.#deps.onReady(note)
    this.#readyNote = note
    const next = new Map([...this.#state.partitions.values()].map((each) => [each.partition, each.next]))
    const text = JSON.stringify([...next])
    if (text === this.#reported || this.#reporting) return
    this.#reported = text
    this.#reporting = true
    void this.#deps.membership
      .report(this.#state.generation, next)
      .catch((error: unknown) => this.#metrics.error(error))
      .finally(() => {
        this.#reporting = false
      })
  }

  #waitForTable(): void {
    this.#readyNote = undefined
    this.#deps.onWaiting(
      `waiting for the committer to make the table at ${this.#deps.store.location} (DELTA_TABLE_PATH)`,
    )
  }

  #wait(error: unknown): void {
    this.#readyNote = undefined
    this.#metrics.error(error)
    this.#deps.onWaiting(asSiltError(error).message)
  }

  async #deadline(work: Promise<unknown>): Promise<void> {
    const passed = new AbortController()
    await Promise.race([work, this.#clock.sleep(this.#options.shutdownDeadlineMs, passed.signal)])
    passed.abort()
  }

  get #version(): number {
    return this.#view.state?.version ?? 0
  }
}

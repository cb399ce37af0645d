import { parseCommitNotice, parseWriteResult, type WriteResult } from '@silt/contracts'
import { SaidOnce, type Log } from '@silt/core'
import type { Hint } from './hints.ts'
import type { IngestorMetrics } from './ingestor-metrics.ts'
import { withNotice, withWriteResult } from './plan-events.ts'
import type { PlanSettings, PlanState } from './plan-state.ts'
import type { SteadyClock } from './steady-clock.ts'

export interface HintFoldingDeps {
  readonly log: Log
  readonly metrics: Pick<IngestorMetrics, 'error'>
  readonly clock: Pick<SteadyClock, 'fromWallMs'>
  readonly settings: PlanSettings
}

export interface Folded {
  readonly state: PlanState
  /** Something may stand differently than the plan thinks: the log is to be read. */
  readonly isLogWanted: boolean
  /** The topic's partitions and ids as well. */
  readonly isTopicWanted: boolean
}

/** Folds what queues told into the plan, and says what is to be looked up because of it. What cannot be read is counted and left. */
export class HintFolding {
  readonly #deps: HintFoldingDeps
  readonly #topic: string
  readonly #otherTables = new SaidOnce()

  constructor(deps: HintFoldingDeps, topic: string) {
    this.#deps = deps
    this.#topic = topic
  }

  fold(state: PlanState, hints: readonly Hint[], nowMs: number, isStart: (id: string) => boolean): Folded {
    let folded: Folded = { state, isLogWanted: false, isTopicWanted: false }
    for (const hint of hints) {
      try {
        folded =
          hint.kind === 'written' ? this.#written(folded, hint, nowMs) : this.#notice(folded, hint, nowMs, isStart)
      } catch (error) {
        this.#deps.metrics.error(error)
      }
    }
    return folded
  }

  #written(before: Folded, hint: Hint, nowMs: number): Folded {
    const result = parseWriteResult(hint.json)
    const isOurs = before.state.units.has(hint.id)
    const state = withWriteResult(before.state, hint.id, result, nowMs, this.#deps.settings)
    if (!isOurs || result.outcome === 'written') return { ...before, state }
    this.#tell(hint.id, result)
    return { state, isLogWanted: true, isTopicWanted: before.isTopicWanted || result.outcome === 'refused' }
  }

  #notice(before: Folded, hint: Hint, nowMs: number, isStart: (id: string) => boolean): Folded {
    const { clock, settings } = this.#deps
    const found = parseCommitNotice(hint.json)
    const notice = { ...found, nextSlot: clock.fromWallMs(found.nextSlot) }
    const isOurs = before.state.units.has(hint.id) || isStart(hint.id)
    const isNews = isOurs && (notice.outcome !== 'committed' || isStart(hint.id))
    const state = withNotice(before.state, hint.id, notice, nowMs, settings)
    return { ...before, state, isLogWanted: before.isLogWanted || isNews }
  }

  /** A unit that did not become files. */
  #tell(unitId: string, result: Exclude<WriteResult, { outcome: 'written' }>): void {
    const { log } = this.#deps
    const unit = { topic: this.#topic, unit: unitId }
    if (result.outcome === 'behind') return
    if (result.outcome === 'decoder-died') {
      const partitions = result.ranges.map((range) => range.partition).join(',')
      log.warn({ ...unit, partitions, code: 'encoder/crashed' }, 'a decoder died over this unit: it is cut smaller')
      return
    }
    if (result.code === 'writer/other-table' && !this.#otherTables.isNew(result.message)) return
    log.warn({ ...unit, code: result.code }, result.message)
  }
}

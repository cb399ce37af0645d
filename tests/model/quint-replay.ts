import { deadLetterAppliedAppId, deadLetterPointerAppId, partitionAppId, type UnitCommitJob } from '@silt/contracts'
import { assert } from '@silt/core'
import type { CommitBounds } from './bounds.ts'
import { holding, ledgerTable } from './commit-bodies.ts'
import { beginMs, jobUniverse, topic } from './jobs.ts'
import { commitActions, judgeUnit, pendingRecord, planGroup, triage } from './product.ts'
import type { ItfRecord, ItfValue } from './quint.ts'
import { Versions, type DeadLetterVersion, type MainVersion } from './versions.ts'

/** The bounds of commit-protocol.qnt. */
const bounds: CommitBounds = {
  name: 'as in Quint',
  records: [2, 2],
  begun: false,
  shared: true,
  committers: 2,
  unclear: [
    [0, 0],
    [1, 1],
  ],
  lateMax: 2,
  hoursMax: 0,
  foreignMax: 0,
  schemas: ['plain'],
  topicIds: ['a'],
  liveness: false,
}

/** What a replay compared. */
export interface Replayed {
  readonly verdicts: number
  readonly commits: number
  readonly projections: number
  readonly pendings: number
}

/**
 * Puts a run of the specification before the product: every version of both logs is made once more by the product's triage, grouping, bodies and replay,
 * every verdict is asked of its ledger, and in every state it is asked what is pending. Throws where they disagree.
 */
export class QuintReplay {
  readonly #universe = jobUniverse(bounds, new Set())
  readonly #versions = new Versions(bounds, this.#universe)
  readonly #jobs = new Map(this.#universe.units.map((job) => [this.#jobKey(job), job]))
  /** Distinct ones, as text. */
  readonly verdictsSeen = new Map<string, number>()

  replay(states: readonly ItfRecord[]): Replayed {
    const last = states.at(-1)
    assert(last !== undefined, 'a run has states')
    const main = this.#mainLog(listOf(last['mainLog']))
    const deadLetters = this.#deadLog(listOf(last['deadLog']), main)
    let verdicts = 0
    let pendings = 0
    let judgedBefore = ''
    for (const state of states) {
      const judged = JSON.stringify(state['judged'])
      if (judged !== judgedBefore && this.#judges(recordOf(state['judged']), main)) verdicts++
      judgedBefore = judged
      const newest = main[listOf(state['mainLog']).length - 1] as MainVersion
      const applied = deadLetters[listOf(state['deadLog']).length - 1] as DeadLetterVersion
      if (this.#pends(state, newest, applied)) pendings++
    }
    return { verdicts, commits: main.length - 1, projections: deadLetters.length - 1, pendings }
  }

  #mainLog(log: readonly ItfValue[]): readonly MainVersion[] {
    const made = [this.#versions.main(0)]
    for (const [version, each] of log.entries()) {
      const base = made.at(-1) as MainVersion
      if (version === 0) continue
      const next = this.#after(base, recordOf(log[version - 1]), recordOf(each))
      requireEqual(`txn of version ${version}`, txnsOf(next), mapOf(recordOf(each)['txn']))
      requireEqual(`first of version ${version}`, txnsOf(next, 'silt-first'), mapOf(recordOf(each)['first']))
      const pointer = next.state.txns.get(deadLetterPointerAppId) ?? 0
      requireEqual(`pointer of version ${version}`, pointer, recordOf(each)['pointer'])
      requireEqual(`faults of version ${version}`, next.broken, undefined)
      made.push(next)
    }
    return made
  }

  /** What the product makes of the jobs of one commit, offered to it in their order. */
  #after(base: MainVersion, before: ItfRecord, commit: ItfRecord): MainVersion {
    const units = listOf(commit['units']).map((unit) => this.#jobOf(recordOf(unit)))
    const [wereBegun, areBegun] = [before, commit].map((each) => mapOf(each['first']) as ReadonlyMap<number, number>)
    const starts = this.#universe.starts.filter(
      (job) => !wereBegun?.has(job.partition) && areBegun?.get(job.partition) === job.offset,
    )
    const table = ledgerTable(base, 0)
    const held = holding([...starts, ...units])
    requireEqual('jobs ended instead of committed', triage(held, table, 1).ended.length, 0)
    const limits = { actionsMax: 1000, bytesMax: 1_000_000 }
    const { group } = planGroup(held, table, { limits, deadLettersPending: false })
    requireEqual(
      'units taken',
      group.units.map((each) => each.job).map((job) => this.#jobKey(job)),
      units.map((job) => this.#jobKey(job)),
    )
    return this.#versions.afterMain(base, commitActions(base.state, group, { token: 'token', wallMs: beginMs }))
  }

  #deadLog(log: readonly ItfValue[], main: readonly MainVersion[]): readonly DeadLetterVersion[] {
    const made = [this.#versions.deadLetters(0)]
    for (const each of log.slice(1).map(recordOf)) {
      const applied = each['applied'] as number
      const next = this.#versions.afterProjection(
        made.at(-1) as DeadLetterVersion,
        main[applied] as MainVersion,
        applied,
      )
      const letters = next.letters.flatMap((count, record) => (count > 0 ? [record] : []))
      requireEqual('letters', letters, listOf(each['letters']).map(recordNumber).sort())
      requireEqual('faults of the dead-letter table', next.broken, undefined)
      made.push(next)
    }
    return made
  }

  #judges(judged: ItfRecord, main: readonly MainVersion[]): boolean {
    if (judged['verdict'] === 'none') return false
    const job = this.#jobOf(recordOf(judged['unit']))
    const base = main[judged['on'] as number] as MainVersion
    const found = judgeUnit(job, ledgerTable(base, 0)).kind
    requireEqual(`verdict on ${this.#jobKey(job)} at version ${base.state.version}`, found, judged['verdict'])
    this.verdictsSeen.set(found, (this.verdictsSeen.get(found) ?? 0) + 1)
    return true
  }

  #pends(state: ItfRecord, main: MainVersion, deadLetters: DeadLetterVersion): boolean {
    const pointer = recordOf(listOf(state['mainLog']).at(-1))['pointer'] as number
    const applied = recordOf(listOf(state['deadLog']).at(-1))['applied'] as number
    const found = pendingRecord(main.state, deadLetters.state)
    requireEqual('what is pending', found, applied < pointer ? pointer : undefined)
    const isSame = (deadLetters.state.txns.get(deadLetterAppliedAppId(main.state.metadata.id)) ?? 0) === applied
    assert(isSame, 'the dead-letter table is at another version')
    return found !== undefined
  }

  #jobOf(unit: ItfRecord): UnitCommitJob {
    const ranges = listOf(unit['ranges']).map(recordOf)
    const texts = ranges.map(
      (each) => `p${numberOf(each['partition'])}[${numberOf(each['start'])},${numberOf(each['end'])})`,
    )
    const dead = listOf(unit['dead']).map(recordNumber)
    const job = this.#jobs.get(`${texts.sort().join('+')} ${dead.sort().join()}`)
    assert(job !== undefined, `the model knows no unit ${texts.join('+')}`)
    return job
  }

  #jobKey(job: UnitCommitJob): string {
    const ranges = job.ranges.map((each) => `p${each.partition}[${each.start},${each.endExclusive})`)
    const dead = job.deadLetterAdds.flatMap((add) => this.#universe.files.get(add.path)?.records ?? [])
    return `${ranges.sort().join('+')} ${[...dead].sort().join()}`
  }
}

function txnsOf(version: MainVersion, counter: 'silt' | 'silt-first' = 'silt'): ReadonlyMap<number, number> {
  return new Map(
    bounds.records.flatMap((_, partition) => {
      const next = version.state.txns.get(partitionAppId(counter, { topic, topicId: 'a', partition, restart: 0 }))
      return next === undefined ? [] : [[partition, next] as const]
    }),
  )
}

function recordNumber(record: ItfValue): number {
  const [partition, offset] = record as readonly [number, number]
  return partition * (bounds.records[0] as number) + offset
}

function numberOf(value: ItfValue | undefined): number {
  return value as number
}

function recordOf(value: ItfValue | undefined): ItfRecord {
  return value as ItfRecord
}

function listOf(value: ItfValue | undefined): readonly ItfValue[] {
  return value as readonly ItfValue[]
}

function mapOf(value: ItfValue | undefined): ReadonlyMap<ItfValue, ItfValue> {
  return new Map([...(value as ReadonlyMap<number, number>)].sort(([a], [b]) => a - b))
}

function requireEqual(what: string, product: unknown, specification: unknown): void {
  const [is, said] = [product, specification].map(text)
  assert(is === said, `${what}: the product comes to ${is}, the specification to ${said}`)
}

function text(value: unknown): string {
  if (value === undefined) return 'nothing'
  return JSON.stringify(value instanceof Map ? [...(value as ReadonlyMap<unknown, unknown>)] : value)
}

import type { TruthRecord } from '../history.ts'
import type { Place } from '../sim-parquet.ts'
import type { Report } from './report.ts'
import type { Settled, SettledLog } from './settled.ts'
import type { Invariant, Turn } from './turn.ts'

/**
 * I2: in every main version v, for every partition, the rows at v plus the dead letters recorded by commits up to v are exactly the readable
 * records in `[first, txn)`, each once.
 *
 *     I2-lost            a readable record that progress has passed is neither row nor dead letter
 *     I2-twice           it is there more often than once
 *     I2-not-covered     it is there although progress has not reached it
 *     I2-never-produced  a row or dead letter of a record that nobody produced, or with another content
 *     I2-aborted         one of a record of an aborted transaction
 *     I2-misjudged       a dead letter that should be a row, or the other way round
 *
 * Only what a version touches is looked at. Rows that another engine removes are not missed from then on; its rearrangements must keep them.
 */
export function i2EachOnce(settled: Settled): Invariant {
  const live = new Map<string, readonly Place[]>()
  const said = new Set<string>()
  return (turn, report) => {
    const once: Report = (name, detail) => {
      if (said.has(name + detail)) return
      said.add(name + detail)
      report(name, `${detail} (${turn.where})`)
    }
    const touched = new Touched()
    for (const { path } of turn.step.removes) {
      countAll(live.get(path) ?? [], settled, 'rows', -1, touched)
      live.delete(path)
    }
    for (const { table, add, places } of turn.step.files) {
      const isRows = table === 'main'
      // An add of a file that is live already replaces it.
      if (isRows && live.has(add.path)) continue
      if (isRows) live.set(add.path, places)
      countAll(places, settled, isRows ? 'rows' : 'deadLetters', 1, touched)
      for (const place of places)
        judgeContent(place, isRows ? 'row' : 'dead letter', settled.log(place.topicId, place.partition), once)
    }
    settled.moveLedgers(turn)
    touchPassed(turn, settled, touched)
    if (takesRowsAway(turn)) touched.forgive()
    touched.forEach((log, offset) => judgeCount(log, offset, once))
  }
}

/** Offsets a version has to do with, and how many more or fewer rows it left of each. */
class Touched {
  readonly #deltas = new Map<SettledLog, Map<number, number>>()

  touch(log: SettledLog, offset: number, delta: number): void {
    let deltas = this.#deltas.get(log)
    if (deltas === undefined) this.#deltas.set(log, (deltas = new Map<number, number>()))
    deltas.set(offset, (deltas.get(offset) ?? 0) + delta)
  }

  forgive(): void {
    for (const [log, deltas] of this.#deltas)
      for (const [offset, delta] of deltas) if (delta < 0) log.removedByOthers.add(offset)
  }

  forEach(look: (log: SettledLog, offset: number) => void): void {
    for (const [log, deltas] of this.#deltas) for (const offset of deltas.keys()) look(log, offset)
  }
}

function countAll(
  places: readonly Place[],
  settled: Settled,
  kind: 'rows' | 'deadLetters',
  delta: 1 | -1,
  touched: Touched,
): void {
  for (const { topicId, partition, offset } of places) {
    const log = settled.log(topicId, partition)
    log[kind].set(offset, (log[kind].get(offset) ?? 0) + delta)
    touched.touch(log, offset, delta)
  }
}

function touchPassed(turn: Turn, settled: Settled, touched: Touched): void {
  for (const { key, from, to } of turn.moves) {
    const log = settled.log(key.topicId, key.partition)
    for (let offset = from ?? to; offset < to; offset++) if (log.records.has(offset)) touched.touch(log, offset, 0)
  }
}

function takesRowsAway({ step }: Turn): boolean {
  return !step.isSilts && (step.kind === 'restore' || step.kind === 'overwrite' || step.kind === 'removes-data')
}

function judgeCount(log: SettledLog, offset: number, report: Report): void {
  const [found, due] = [log.timesSettled(offset), log.timesDue(offset)]
  const what = `offset ${offset} of ${log.name}`
  if (found > due)
    report(due === 0 ? 'I2-not-covered' : 'I2-twice', `${what} is there ${found} times, due ${due} times`)
  if (found >= due || log.removedByOthers.has(offset)) return
  if (log.records.get(offset)?.fate === 'readable')
    report('I2-lost', `${what} is there ${found} times, due ${due} times`)
}

function judgeContent(place: Place, found: 'row' | 'dead letter', log: SettledLog, report: Report): void {
  const what = `${found} of offset ${place.offset} of ${log.name}`
  const record: TruthRecord | undefined = log.records.get(place.offset)
  if (record === undefined) return report('I2-never-produced', `${what}: nobody produced it`)
  if (record.fate === 'aborted') return report('I2-aborted', `${what}: its transaction was aborted`)
  if ((record.sessionId === undefined) !== (found === 'dead letter'))
    return report('I2-misjudged', `${what}: it should be a ${found === 'row' ? 'dead letter' : 'row'}`)
  if (found === 'row' && record.sessionId !== place.sessionId)
    report('I2-never-produced', `${what}: session ${place.sessionId}, produced was ${record.sessionId}`)
}

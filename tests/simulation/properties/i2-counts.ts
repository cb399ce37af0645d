import { partitionAppId, type CountedRange, type PartitionCounter, type PartitionKey } from '@silt/contracts'
import type { NewFile } from './data-files.ts'
import type { Report } from './report.ts'
import type { Invariant, Turn } from './turn.ts'

/**
 * I2, second half: `txn silt-gaps:…` and `txn silt-accepted:…` count offsets without a readable record and offsets given up by an operator, so
 * rows + dead letters + both = `txn` − `first` can be checked after the source, the tags and old commitInfo are gone.
 *
 *     I2-counts            what a commit counts (record, tags, statistics, txns) is not what its files hold
 *     I2-accepted-readable an accepted gap holds offsets that the source still had
 */
export function i2Counts(): Invariant {
  /** Rows and dead letters ever committed, by app id. */
  const settled = new Map<string, number>()
  return (turn, report) => {
    const { record, isSilts, files } = turn.step
    if (!isSilts) return
    for (const file of files) judgeStatistics(turn, file, report)
    for (const unit of record?.units ?? []) {
      const own = files.filter(({ tags }) => tags?.unitId === unit.unitId)
      for (const range of unit.ranges) {
        const rows = countIn(own, 'main', range)
        const deadLetters = countIn(own, 'dead-letters', range)
        if (rows !== range.rows || deadLetters !== range.deadLetters)
          report(
            'I2-counts',
            `unit ${unit.unitId}, partition ${range.partition} from ${range.start}: ${range.rows} rows and ${range.deadLetters} dead letters ` +
              `are recorded, its files hold ${rows} and ${deadLetters} (${turn.where})`,
          )
        const appId = partitionAppId('silt', { topic: unit.topic, topicId: unit.topicId, ...range })
        settled.set(appId, (settled.get(appId) ?? 0) + rows + deadLetters)
      }
      for (const { tags } of own)
        if (tags !== undefined && !sameRanges(tags.ranges, unit.ranges))
          report('I2-counts', `unit ${unit.unitId}: the tags of a file differ from the record (${turn.where})`)
    }
    judgeCounters(turn, settled, report)
  }
}

function judgeStatistics(turn: Turn, { add, places }: NewFile, report: Report): void {
  const told = /"numRecords":(\d+)/.exec(add.stats ?? '')?.[1]
  const found = places.length
  if (told !== undefined && Number(told) !== found)
    report('I2-counts', `numRecords of ${add.path} is ${told}, it holds ${found} (${turn.where})`)
}

function countIn(files: readonly NewFile[], table: NewFile['table'], range: CountedRange): number {
  let count = 0
  for (const file of files)
    if (file.table === table)
      for (const { partition, offset } of file.places)
        if (partition === range.partition && offset >= range.start && offset < range.endExclusive) count++
  return count
}

function sameRanges(found: readonly CountedRange[], wanted: readonly CountedRange[]): boolean {
  return (
    found.length === wanted.length &&
    wanted.every((range, index) => {
      const other = found[index]
      return (
        other?.partition === range.partition &&
        other.start === range.start &&
        other.endExclusive === range.endExclusive &&
        other.restart === range.restart &&
        other.rows === range.rows &&
        other.deadLetters === range.deadLetters &&
        other.gaps === range.gaps
      )
    })
  )
}

function judgeCounters(turn: Turn, settled: ReadonlyMap<string, number>, report: Report): void {
  const { record } = turn.step
  const due = new Map<string, number>()
  const add = (counter: PartitionCounter, key: PartitionKey, count: number): void => {
    const appId = partitionAppId(counter, key)
    due.set(appId, (due.get(appId) ?? turn.before.txns.get(appId) ?? 0) + count)
  }
  for (const { topic, topicId, ranges } of record?.units ?? [])
    for (const range of ranges) add('silt-gaps', { topic, topicId, ...range }, range.gaps)
  for (const decision of record?.decisions ?? []) {
    if (decision.kind !== 'accept-gap') continue
    add('silt-accepted', decision, decision.to - decision.from)
    const log = turn.history.truth.logs.find(
      (each) => each.topicId === decision.topicId && each.partition === decision.partition,
    )
    if (log !== undefined && decision.to > log.logStart)
      report(
        'I2-accepted-readable',
        `offsets up to ${decision.to} given up, the source starts at ${log.logStart} (${turn.where})`,
      )
  }
  for (const { key } of turn.moves) {
    add('silt-gaps', key, 0)
    add('silt-accepted', key, 0)
  }
  for (const [appId, count] of due) {
    const found = turn.after.txns.get(appId) ?? 0
    if (found !== count) report('I2-counts', `txn ${appId} is ${found}, should be ${count} (${turn.where})`)
  }
  for (const { appId, key, to } of turn.moves) {
    const counter = (name: PartitionCounter): number => turn.after.txns.get(partitionAppId(name, key)) ?? 0
    const sum = (settled.get(appId) ?? 0) + counter('silt-gaps') + counter('silt-accepted')
    if (sum !== to - counter('silt-first'))
      report(
        'I2-counts',
        `txn ${appId}: ${sum} offsets accounted for, ${to - counter('silt-first')} passed (${turn.where})`,
      )
  }
}

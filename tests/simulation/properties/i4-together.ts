import { partitionAppId } from '@silt/contracts'
import type { Invariant } from './turn.ts'

/**
 * I4: a file's `add` and its ranges' `txn` are in the same commit.
 *
 *     I4-add-without-txn  a file whose unit, or a row whose range, does not move `txn` in its commit
 *     I4-txn-without-add  a range that counts rows and brings no file
 */
export const i4Together: Invariant = ({ step, after, moves, where }, report) => {
  if (!step.isSilts) return
  const { files } = step
  const units = new Map((step.record?.units ?? []).map((each) => [each.unitId, each]))
  const moved = new Set(moves.map(({ appId }) => appId))
  for (const { add, places, tags } of files) {
    const unit = tags === undefined ? undefined : units.get(tags.unitId)
    if (unit === undefined) {
      report('I4-add-without-txn', `${add.path} belongs to no unit of its commit (${where})`)
      continue
    }
    const ranges = unit.ranges.filter((range) => {
      const appId = partitionAppId('silt', { topic: unit.topic, topicId: unit.topicId, ...range })
      return moved.has(appId) && (after.txns.get(appId) ?? -1) >= range.endExclusive
    })
    if (ranges.length < unit.ranges.length)
      report('I4-add-without-txn', `${add.path}: not every range of unit ${unit.unitId} moves its txn (${where})`)
    const stray = places.find(
      ({ partition, offset }) =>
        !ranges.some((each) => each.partition === partition && offset >= each.start && offset < each.endExclusive),
    )
    if (stray !== undefined)
      report(
        'I4-add-without-txn',
        `${add.path} holds offset ${stray.offset} of partition ${stray.partition}, outside its unit's ranges (${where})`,
      )
  }
  for (const unit of units.values())
    for (const [table, counted] of [
      ['main', 'rows'],
      ['dead-letters', 'deadLetters'],
    ] as const)
      if (
        unit.ranges.some((range) => range[counted] > 0) &&
        !files.some((file) => file.table === table && file.tags?.unitId === unit.unitId)
      )
        report('I4-txn-without-add', `unit ${unit.unitId} counts ${counted} and brings no file of them (${where})`)
}

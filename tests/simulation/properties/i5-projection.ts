import { deadLetterPointerAppId } from '@silt/contracts'
import type { Invariant, TableView } from './turn.ts'

/**
 * I5: the main commit is the only atomic point. It records its units' dead-letter files and sets `txn silt:dead-letters` = its own version. The
 * dead-letter table is a projection: it commits those adds with `txn silt:dead-letters:<main table id>` = that version, only if its own is lower.
 * No main commit records dead letters while an earlier record is not yet applied.
 *
 *     I5-pointer                 `silt:dead-letters` is not the version that recorded last
 *     I5-several-pending         dead letters recorded before the record before was applied
 *     I5-projection-without-txn  files in the dead-letter table without the version they were recorded at
 *     I5-projection-twice        a record applied although it or a newer one had been
 *     I5-projection-skipped      a record applied before an older one
 *     I5-projection-adds         other files, or another order, than recorded; or a version that recorded nothing
 */
export function i5Projection(): { readonly main: Invariant; readonly deadLetters: Invariant } {
  /** Paths recorded, by main version. */
  const recorded = new Map<number, readonly string[]>()

  const main: Invariant = ({ step, before, other, where }, report) => {
    const { version } = step.entry
    const paths = (step.record?.deadLetters ?? []).map((add) => add.path)
    const pointer = step.txns.find(({ appId }) => appId === deadLetterPointerAppId)?.version
    if (pointer !== (paths.length > 0 ? version : undefined))
      report(
        'I5-pointer',
        `${paths.length} dead-letter files recorded, ${deadLetterPointerAppId} set to ${pointer} (${where})`,
      )
    if (paths.length === 0) return
    const last = before.txns.get(deadLetterPointerAppId) ?? -1
    const applied = appliedVersion(other)
    if (applied < last)
      report('I5-several-pending', `dead letters recorded while those of version ${last} are not applied (${where})`)
    recorded.set(version, paths)
  }

  const deadLetters: Invariant = ({ step, before, where }, report) => {
    if (!step.isSilts) return
    const version = step.txns.find(({ appId }) => appId.startsWith(appliedPrefix))?.version
    const paths = step.adds.map((add) => add.path)
    if (version === undefined) {
      if (paths.length > 0)
        report('I5-projection-without-txn', `${paths.length} files without ${appliedPrefix}… (${where})`)
      return
    }
    const applied = appliedVersion(before)
    if (version <= applied)
      report('I5-projection-twice', `version ${version} applied when ${applied} had been (${where})`)
    const skipped = [...recorded.keys()].find((each) => each > applied && each < version)
    if (skipped !== undefined)
      report('I5-projection-skipped', `version ${version} applied before version ${skipped} (${where})`)
    if (recorded.get(version)?.join('\n') !== paths.join('\n'))
      report('I5-projection-adds', `version ${version} recorded other files than were applied (${where})`)
  }

  return { main, deadLetters }
}

const appliedPrefix = `${deadLetterPointerAppId}:`

/** The main version last applied to the dead-letter table, -1 before any, whatever id the main table had then: its versions are one count. */
export function appliedVersion(deadLetters: TableView): number {
  let newest = -1
  for (const [appId, version] of deadLetters.txns)
    if (appId.startsWith(appliedPrefix) && version > newest) newest = version
  return newest
}

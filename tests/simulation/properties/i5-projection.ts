import { deadLetterPointerAppId } from '@silt/contracts'
import { canonicalJson, type AddFile } from '@silt/core'
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
 *     I5-projection-adds         other files, or another order, than recorded; or a version that recorded nothing. A file that waited too long to be safe
 *                                from a vacuum (I10a) is committed as a fresh copy: all but name and time is as recorded, its rows are I2's
 */
export function i5Projection(): { readonly main: Invariant; readonly deadLetters: Invariant } {
  /** Files recorded, by main version. */
  const recorded = new Map<number, readonly AddFile[]>()

  const main: Invariant = ({ step, before, other, where }, report) => {
    const { version } = step.entry
    const files = step.record?.deadLetters ?? []
    const pointer = step.txns.find(({ appId }) => appId === deadLetterPointerAppId)?.version
    if (pointer !== (files.length > 0 ? version : undefined))
      report(
        'I5-pointer',
        `${files.length} dead-letter files recorded, ${deadLetterPointerAppId} set to ${pointer} (${where})`,
      )
    if (files.length === 0) return
    const last = before.txns.get(deadLetterPointerAppId) ?? -1
    const applied = appliedVersion(other)
    if (applied < last)
      report('I5-several-pending', `dead letters recorded while those of version ${last} are not applied (${where})`)
    recorded.set(version, files)
  }

  const deadLetters: Invariant = ({ step, before, where }, report) => {
    if (!step.isSilts) return
    const version = step.txns.find(({ appId }) => appId.startsWith(appliedPrefix))?.version
    if (version === undefined) {
      if (step.adds.length > 0)
        report('I5-projection-without-txn', `${step.adds.length} files without ${appliedPrefix}… (${where})`)
      return
    }
    const applied = appliedVersion(before)
    if (version <= applied)
      report('I5-projection-twice', `version ${version} applied when ${applied} had been (${where})`)
    const skipped = [...recorded.keys()].find((each) => each > applied && each < version)
    if (skipped !== undefined)
      report('I5-projection-skipped', `version ${version} applied before version ${skipped} (${where})`)
    if (!sameFiles(recorded.get(version) ?? [], step.adds))
      report('I5-projection-adds', `version ${version} recorded other files than were applied (${where})`)
  }

  return { main, deadLetters }
}

function sameFiles(recorded: readonly AddFile[], applied: readonly AddFile[]): boolean {
  return (
    recorded.length > 0 &&
    recorded.length === applied.length &&
    recorded.every((add, index) => isSame(add, applied[index]))
  )
}

/** The file itself, or a copy put since. */
function isSame(recorded: AddFile, applied: AddFile | undefined): boolean {
  if (applied === undefined) return false
  if (recorded.path === applied.path) return true
  const isLater = applied.modificationTime > recorded.modificationTime
  return isLater && applied.size === recorded.size && applied.stats === recorded.stats && hasSameTags(recorded, applied)
}

function hasSameTags(one: AddFile, other: AddFile): boolean {
  return canonicalJson(one.tags ?? null) === canonicalJson(other.tags ?? null)
}

const appliedPrefix = `${deadLetterPointerAppId}:`

/** The main version last applied to the dead-letter table, -1 before any, whatever id the main table had then: its versions are one count. */
export function appliedVersion(deadLetters: TableView): number {
  let newest = -1
  for (const [appId, version] of deadLetters.txns)
    if (appId.startsWith(appliedPrefix) && version > newest) newest = version
  return newest
}

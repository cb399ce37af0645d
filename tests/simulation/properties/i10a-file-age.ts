import { fileKey, type History } from '../history.ts'
import type { Invariant } from './turn.ts'

/**
 * I10a: a unit whose files were put too long ago is dropped and planned again: its files may be gone.
 *
 *     I10a-file-gone  a commit of Silt names a file (its own, or as a dead-letter record) that was deleted before, or never put
 */
export function i10aFileAge({ deletions, files }: History): Invariant {
  const goneAfter = new Map<string, number>()
  for (const { table, key, afterEntries } of deletions) goneAfter.set(fileKey(table, key), afterEntries)
  return ({ step, where }, report) => {
    if (!step.isSilts) return
    for (const { key } of step.files) {
      const gone = goneAfter.get(key)
      if (!files.has(key)) report('I10a-file-gone', `${key} was never put (${where})`)
      else if (gone !== undefined && gone <= step.landedBefore)
        report('I10a-file-gone', `${key} had been deleted (${where})`)
    }
  }
}

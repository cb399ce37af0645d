import { pendingRecord } from './product.ts'
import type { DeadLetterVersion, MainVersion } from './versions.ts'

/** The first property that the two newest versions break, alone or together. */
export function brokenInState(main: MainVersion, deadLetters: DeadLetterVersion): string | undefined {
  return main.broken ?? deadLetters.broken ?? projectionHolds(main, deadLetters)
}

/**
 * I5: the dead-letter table holds what main commits recorded, but for at most the newest record; and where nothing is said to be pending,
 * all of it.
 */
function projectionHolds(main: MainVersion, deadLetters: DeadLetterVersion): string | undefined {
  const lacking = main.recorded.map((count, record) => count - (deadLetters.letters[record] as number))
  if (lacking.some((count) => count < 0)) return 'I5: the dead-letter table holds a record that no main commit recorded'
  const missing = lacking.flatMap((count, record) => (count > 0 ? [record] : []))
  if (missing.length === 0) return undefined
  const isPending = pendingRecord(main.state, deadLetters.state) !== undefined
  if (!isPending) return `I5: dead letters ${missing.join()} are recorded, lacking, and never to be applied`
  const newest = main.newestLetters
  return missing.every((record) => newest.has(record))
    ? undefined
    : `I5: dead letters of more than one record are pending: ${missing.join()}`
}

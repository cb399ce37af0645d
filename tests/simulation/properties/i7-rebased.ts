import { canonicalJson } from '@silt/core'
import type { Invariant } from './turn.ts'

/**
 * I7: a rebase rebuilds the whole commit from the new snapshot.
 *
 *     I7-metadata-undone  a commit of Silt changes what it has no business with: table id, partitioning, properties, protocol: it was
 *                         built on an older version
 */
export const i7Rebased: Invariant = ({ step, before, where }, report) => {
  if (!step.isSilts || before.metadata === undefined) return
  if (step.protocol !== undefined) report('I7-metadata-undone', `the protocol is set anew (${where})`)
  // Adoption marks the table as Silt's.
  const isDecision = (step.record?.decisions.length ?? 0) > 0
  if (step.metaData === undefined || isDecision) return
  const { schemaString: _before, ...kept } = before.metadata
  const { schemaString: _after, ...found } = step.metaData
  if (canonicalJson(found) !== canonicalJson(kept))
    report('I7-metadata-undone', `more than the schema of metaData has changed (${where})`)
}

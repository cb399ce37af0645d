import type { SourcePatch } from '../../mutation/load-mutant.ts'

/** Assertions of the product behind its rules: taken down where the rule itself is to be broken, so that the promise breaks and not the assertion. */

const commitActions = 'services/committer/src/commit-actions.ts'

/** That a range starts at its partition's `txn`. */
export const placeUnasserted: SourcePatch = {
  file: commitActions,
  find: '=== start, `a range of partition',
  replace: '!== -1, `a range of partition',
}

/** That no `txn` decreases. */
export const growthUnasserted: SourcePatch = {
  file: commitActions,
  find: 'assert(version >= (state.txns.get(appId) ?? 0),',
  replace: 'assert(version >= 0,',
}

/** That a partition begins once. */
export const beginUnasserted: SourcePatch = {
  file: commitActions,
  find: "assert(current(partitionAppId('silt', key)) === undefined,",
  replace: 'assert(job.offset >= 0,',
}

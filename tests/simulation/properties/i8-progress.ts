import type { Invariant } from './turn.ts'

/**
 * I8: `txn` carries no `lastUpdated` (other engines expire those that do) and never decreases.
 *
 *     I8-decreased, I8-lastUpdated
 */
export const i8Progress: Invariant = ({ step, before, where }, report) => {
  for (const { appId, version, lastUpdated } of step.txns) {
    if (!/^silt(-[a-z]+)?:/.test(appId)) continue
    const last = before.txns.get(appId)
    if (last !== undefined && version < last)
      report('I8-decreased', `${appId} went from ${last} to ${version} (${where})`)
    if (lastUpdated !== undefined) report('I8-lastUpdated', `${appId} has lastUpdated (${where})`)
  }
}

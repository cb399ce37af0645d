import { fail, ok, warn, type Finding } from './finding.ts'

const warnSeconds = 5
/** S3 refuses requests that are signed further off than this. */
const failSeconds = 900

/** How this machine's clock compares with another's, which tells its time in steps of `stepSeconds`. */
export function clockFinding(whose: string, aheadMs: number, stepSeconds: number): Finding {
  const check = `clock ${whose}`
  const seconds = aheadMs / 1000
  const offBy = Math.max(0, Math.abs(seconds) - stepSeconds)
  const detail =
    offBy === 0
      ? `within ${stepSeconds} s of this machine's`
      : `${Math.abs(seconds).toFixed(1)} s ${seconds > 0 ? 'ahead of' : 'behind'} this machine's`
  const remedy = 'let both machines follow NTP'
  if (offBy > failSeconds) return fail(check, detail, remedy)
  return offBy > warnSeconds ? warn(check, detail, remedy) : ok(check, detail)
}

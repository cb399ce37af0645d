export { checkEnd, checkHistory, type CheckOptions } from './check-history.ts'
export type { Excuses } from './l1-liveness.ts'

export { ManualClock } from './manual-clock.ts'
export { silentLog, noMetrics } from './silent.ts'

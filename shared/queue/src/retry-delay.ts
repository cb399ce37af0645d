const firstMs = 100
const maxMs = 5_000

/** How long a job whose handler threw waits before it runs again: doubling, bounded; `failures` counts from 1. */
export function retryDelayMs(failures: number): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(Math.max(failures, 1) - 1, 30))
}

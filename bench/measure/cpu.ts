import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** User and system time of this process so far, its threads and V8's helpers included. */
export function cpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Collects what is garbage now, so that one contender does not pay for another's. */
export const collectGarbage: () => void = (() => {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
})()

/** User and system time of this process so far, its threads and V8's helpers included. */
export function cpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

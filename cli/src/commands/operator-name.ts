import { hostname, userInfo } from 'node:os'

/** Who a decision is recorded under: the user of this process. A container's user may have no name: then its number, and where. */
export function operatorName(nameOf: () => string = () => userInfo().username): string {
  try {
    return nameOf()
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'} on ${hostname()}`
  }
}

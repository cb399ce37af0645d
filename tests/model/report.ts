import type { Configuration } from './configurations.ts'
import type { Violation } from './explorer.ts'
import type { Search } from './search.ts'

const columns = [36, 10, 12, 6, 9, 8] as const

export function heading(): string {
  return row(['configuration', 'states', 'transitions', 'depth', 'ended', 'ms', 'properties'])
}

export function line(configuration: Configuration, found: Search): string {
  const { states, transitions, depth, done, ms } = found
  const properties = propertiesOf(configuration).join(' ')
  const verdict =
    found.violation === undefined ? (found.isComplete ? properties : 'NOT SEARCHED TO THE END') : 'VIOLATED'
  return row([configuration.name, ...[states, transitions, depth, done, ms].map(String), verdict])
}

/** The shortest way to the violation, a step a line. */
export function traceText(violation: Violation): string {
  return [`  ${violation.what}`, ...violation.trace.map((step, index) => `  ${index}. ${step}`)].join('\n')
}

/** What is checked there: in every state, on every step, and of every state whether the end can still be reached (L1). */
function propertiesOf(configuration: Configuration): readonly string[] {
  if (configuration.kind === 'ingest') return ['L1', 'L1a']
  const { hoursMax, schemas, topicIds, liveness, unclear } = configuration
  return [
    'I2 I3 I3a I4 I6 I7 I8',
    ...(unclear.length > 0 ? ['I5'] : []),
    ...(hoursMax > 0 ? ['I8a I10a'] : []),
    ...(schemas.length > 1 ? ['I9'] : []),
    ...(topicIds.length > 1 ? ['I13'] : []),
    ...(liveness ? ['L1'] : []),
  ]
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => (index === 0 ? cell.padEnd(columns[0]) : cell.padStart(columns[index] ?? 0)))
    .join(' ')
}

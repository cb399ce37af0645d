import { faultKinds } from './faults.ts'
import { freshMs, freshWithinMs, type WindowFreshness } from './freshness.ts'
import { described, type ExactCount } from './exact-count.ts'

/** What a run's end found out: events, table and processes. Times in ms. */
export interface Settled {
  readonly restarts: Readonly<Record<string, number>>
  readonly selfEnded: readonly { readonly name: string; readonly code: number }[]
  /** What processes said of bugs of their own (kind `internal`), by how often. */
  readonly internalErrors: readonly (readonly [string, number])[]
  readonly warnings: readonly (readonly [string, number])[]
  /** How often processes met, by what they said of it. */
  readonly races: readonly (readonly [string, number])[]
  /** Data files that no version names: units that were written more than once, or whose commit was refused. */
  readonly orphanFiles: number
  readonly exitCodes: Readonly<Record<string, number>>
  readonly loadFailures: readonly string[]
  /** From the end of the load until the table held everything; undefined when it did not get there. */
  readonly drainedAfterMs: number | undefined
  readonly table: {
    readonly version: number
    readonly files: number
    readonly rows: number
    readonly deadLetters: number
  }
  readonly count: ExactCount
  readonly auditVerdict: string
  readonly tableCheckCode: number
}

/** Everything a run found out. */
export interface ChaosResult extends Settled {
  readonly seed: number
  readonly minutes: number
  readonly commit: string
  readonly faultsByKind: Readonly<Record<string, number>>
  /** Faults that the run could not do as it was to: a server that did not come back. */
  readonly botched: readonly string[]
  readonly windows: readonly WindowFreshness[]
}

/** What of a run is not as it must be; empty when it passed. */
export function faultsFound(result: ChaosResult): readonly string[] {
  const found: string[] = []
  if (result.windows.length === 0) found.push('no window was judged')
  if (result.botched.length > 0) found.push(`faults that could not be done: ${described(result.botched)}`)
  for (const { window, isFresh, freshAfterMs } of result.windows)
    if (!isFresh)
      found.push(
        `window ${window}: not under ${seconds(freshMs)} within ${seconds(freshWithinMs)} of its last fault (${freshAfterMs === undefined ? 'not at all' : seconds(freshAfterMs)})`,
      )
  return [...found, ...unsettled(result)]
}

/** What of a run's end is not as it must be. */
export function unsettled(result: Settled): readonly string[] {
  const { count } = result
  const found: string[] = []
  const none = (what: string, ids: readonly string[]): void => {
    if (ids.length > 0) found.push(`${what}: ${described(ids)}`)
  }
  if (count.inTopic === 0) found.push('nothing was ever in the topic')
  none('lost', count.lost)
  none('twice', count.twice)
  none('in the table, not in the topic', count.foreign)
  none('the topic is not what the producer was promised', count.topicFaults)
  none('the load failed', result.loadFailures)
  if (result.drainedAfterMs === undefined) found.push('what was readable did not all reach the table')
  if (result.auditVerdict !== 'proved') found.push(`silt audit: ${result.auditVerdict}`)
  if (result.tableCheckCode !== 0) found.push(`silt table check --rows: exit ${result.tableCheckCode}`)
  none(
    'errors of kind internal',
    result.internalErrors.map(([what, times]) => `${what} ×${times}`),
  )
  none(
    'ended by themselves',
    result.selfEnded.map(({ name, code }) => `${name} with ${code}`),
  )
  const badExits = Object.entries(result.exitCodes).filter(([, code]) => code !== 0)
  none(
    'exit codes after SIGTERM',
    badExits.map(([name, code]) => `${name} ${code}`),
  )
  return found
}

/** The report as Markdown. */
export function markdownReport(result: ChaosResult): string {
  const found = faultsFound(result)
  const totalFaults = Object.values(result.faultsByKind).reduce((sum, times) => sum + times, 0)
  const lines = [
    `\`npm run chaos -- --minutes ${result.minutes} --seed ${result.seed}\` at ${result.commit}: **${found.length === 0 ? 'passed' : 'FAILED'}**`,
    '',
    ...found.map((each) => `- ${each}`),
    ...(found.length === 0 ? [] : ['']),
    ...tableOf(
      ['figure', 'value'],
      [
        ['faults', `${totalFaults}, ${Object.keys(result.faultsByKind).length} of ${faultKinds.length} kinds`],
        ...settledFigures(result),
      ],
    ),
    '',
    ...tableOf(
      ['window', 'faults', 'fresh after the last fault', 'worst age from 60 s on', 'longest stall', 'its cause'],
      result.windows.map((each) => [
        each.window,
        each.faults,
        each.freshAfterMs === undefined ? 'not' : seconds(each.freshAfterMs),
        seconds(each.calmAgeMs),
        seconds(each.longestStallMs),
        each.causes.join('; ') || 'none of its faults',
      ]),
    ),
    '',
    ...tableOf(['fault', 'times'], Object.entries(result.faultsByKind)),
    '',
    ...tableOf(['races that were settled, as logged', 'times'], result.races),
    '',
    ...tableOf(['said at warn or error', 'times'], result.warnings.slice(0, 25)),
  ]
  return `${lines.join('\n')}\n`
}

/** Rows of a table of figures, for people. */
export function settledFigures(result: Settled): readonly (readonly [string, string | number])[] {
  const { count, table } = result
  const restarts = Object.entries(result.restarts)
  return [
    ['events promised by the brokers', count.promised],
    ['events of aborted transactions', count.aborted],
    ['events of unknown outcome (of them in the topic)', `${count.unknown} (${count.unknownInTopic})`],
    ['readable in the topic, by another client', count.inTopic],
    ['rows and dead letters in the table, by deltalake', `${table.rows} + ${table.deadLetters}`],
    ['lost', described(count.lost)],
    ['twice', described(count.twice)],
    ['in the table, not in the topic', described(count.foreign)],
    ['versions, files, orphan files', `${table.version}, ${table.files}, ${result.orphanFiles}`],
    ['drained after the end of the load', result.drainedAfterMs === undefined ? 'not' : seconds(result.drainedAfterMs)],
    ['`silt audit`', result.auditVerdict],
    ['`silt table check --rows`', result.tableCheckCode === 0 ? 'clean' : `exit ${result.tableCheckCode}`],
    [
      'restarts',
      `${restarts.reduce((sum, [, times]) => sum + times, 0)} (${restarts.map(([name, times]) => `${name} ${times}`).join(', ')})`,
    ],
  ]
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** A table in Markdown. */
export function tableOf(header: readonly string[], rows: readonly (readonly (string | number)[])[]): readonly string[] {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)]
}

import type { Finding, Outcome } from './finding.ts'

const marks: Readonly<Record<Outcome, string>> = { ok: 'ok', warn: 'WARN', fail: 'FAIL', skip: '-' }

/** One line a finding, and what to do below it. */
export function findingLines(findings: readonly Finding[]): readonly string[] {
  const width = Math.max(0, ...findings.map(({ check }) => check.length))
  return findings.flatMap(({ check, outcome, detail, remedy }) => [
    `${marks[outcome].padEnd(4)}  ${check.padEnd(width)}  ${oneLine(detail)}`,
    ...(remedy === undefined ? [] : [`${' '.repeat(4)}  ${' '.repeat(width)}  remedy: ${oneLine(remedy)}`]),
  ])
}

/** The last line. */
export function summaryLine(findings: readonly Finding[]): string {
  const count = (outcome: Outcome): number => findings.filter((each) => each.outcome === outcome).length
  return `${count('ok')} well, ${count('warn')} to look at, ${count('fail')} failed, ${count('skip')} not checked`
}

function oneLine(text: string): string {
  return text.replace(/:\s*\n\s*/g, ': ').replace(/\s*\n\s*/g, '; ')
}

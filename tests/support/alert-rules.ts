import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

const rulesFile = new URL('../../deploy/observability/rules/silt.rules.yaml', import.meta.url)

export interface Rule {
  /** Of the alert or of what is recorded. */
  readonly name: string
  readonly expr: string
  readonly isAlert: boolean
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** Every rule of the rules file, recording rules first as it has them. */
export function alertRules(): readonly Rule[] {
  const { groups } = parse(readFileSync(rulesFile, 'utf8')) as {
    groups: { rules: (Partial<Rule> & { alert?: string; record?: string; expr: string })[] }[]
  }
  return groups.flatMap(({ rules }) =>
    rules.map(({ alert, record, expr, labels = {}, annotations = {} }) => ({
      name: alert ?? record ?? '',
      expr,
      isAlert: alert !== undefined,
      labels,
      annotations,
    })),
  )
}

/** Names of what the rules record. */
export function recordedNames(): ReadonlySet<string> {
  return new Set(alertRules().flatMap(({ name, isAlert }) => (isAlert ? [] : [name])))
}

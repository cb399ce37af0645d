import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { expect, test } from 'vitest'
import { alertRules } from '../../support/alert-rules.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const alerts = alertRules().filter(({ isAlert }) => isAlert)
const sections = ['What it means', 'How to see it', 'Likely causes', 'What to do', 'When to escalate', 'Never']

interface RuleTest {
  readonly name: string
  readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts?: readonly unknown[] }[]
}

function ruleTests(): readonly RuleTest[] {
  const folder = `${root}/deploy/observability/rules/test`
  return readdirSync(folder)
    .filter((name) => name.endsWith('.test.yaml'))
    .flatMap((name) => (parse(readFileSync(`${folder}/${name}`, 'utf8')) as { tests: RuleTest[] }).tests)
}

test('every alert has one page of its name, and every page an alert', () => {
  const pages = readdirSync(`${root}/docs/runbooks`).filter((name) => name !== 'README.md')
  expect(pages.sort()).toEqual(alerts.map(({ name }) => `${name}.md`).sort())
  const index = readFileSync(`${root}/docs/runbooks/README.md`, 'utf8')
  for (const { name } of alerts) expect(index).toContain(`(${name}.md)`)
})

test.each(alerts)('$name says how bad it is, what is wrong with a value, and where to read on', (alert) => {
  expect(['critical', 'warning', 'info']).toContain(alert.labels['severity'])
  expect(alert.annotations['runbook_url']).toBe(`docs/runbooks/${alert.name}.md`)
  expect(alert.annotations['summary']).not.toBe('')
  const page = readFileSync(`${root}/docs/runbooks/${alert.name}.md`, 'utf8')
  expect(page.startsWith(`# ${alert.name}\n`)).toBe(true)
  expect([...page.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(sections)
})

test.each(alerts)('$name is shown firing and silent', ({ name }) => {
  const cases = ruleTests().filter((each) => each.alert_rule_test.some(({ alertname }) => alertname === name))
  const firing = cases.map((each) => each.alert_rule_test.some(({ exp_alerts = [] }) => exp_alerts.length > 0))
  expect(new Set(firing), `${name} needs a firing and a silent case`).toEqual(new Set([true, false]))
})

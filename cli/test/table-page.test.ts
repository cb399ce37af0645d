import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { tableCommand } from '../src/commands/table.ts'
import { testTerminal } from './support/terminal.ts'

const page = readFileSync(new URL('../../docs/table.md', import.meta.url), 'utf8')

const { commands } = tableCommand(testTerminal())

test('the page about silt table names every command there is, with its arguments, and no other', () => {
  const documented = [...page.matchAll(/^ {4}silt table (.*?) {2,}/gm)].map((match) => match[1])
  const existing = commands.map((each) => {
    const names = each.registeredArguments.map((argument) =>
      argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
    )
    return [each.name(), ...names].join(' ')
  })
  expect(documented.sort()).toEqual(existing.sort())
})

test('every option that the page names is one of a command of silt table', () => {
  const options = new Set(commands.flatMap((each) => each.options.flatMap(({ long }) => long ?? [])))
  const named = [...page.matchAll(/`?(--[a-z][a-z-]+)/g)].flatMap((match) => match[1] ?? [])
  // Of npm, and of every command.
  const others = new Set(['--workspace', '--help'])
  expect(named.filter((option) => !options.has(option) && !others.has(option))).toEqual([])
})

test('every command of silt table takes the table as an argument, and says what it does', () => {
  for (const command of commands) {
    expect(command.registeredArguments.map((argument) => argument.name())).toContain('table')
    expect(command.description().length).toBeGreaterThan(20)
  }
})

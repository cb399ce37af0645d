import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const properties = fileURLToPath(new URL('..', import.meta.url))
const tests = fileURLToPath(new URL('.', import.meta.url))

test('every violation can be found: a test breaks a history for it', () => {
  const names = namesIn(properties, (name) => /^[il]\d+a?-|^step/.test(name))
  expect(names.size).toBeGreaterThan(30)
  const caught = namesIn(tests, (name) => name.startsWith('broken-'))
  expect([...names].filter((name) => !caught.has(name))).toEqual([])
})

test('the README lists every violation with its file', () => {
  const readme = readFileSync(`${properties}/README.md`, 'utf8')
  for (const file of readdirSync(properties).filter((name) => name.endsWith('.ts'))) {
    const names = namesIn(properties, (name) => name === file)
    const line = readme.split('\n').find((each) => each.startsWith(`| \`${file}\` |`)) ?? ''
    expect([...names].filter((name) => !line.includes(`\`${name}\``))).toEqual([])
  }
})

function namesIn(folder: string, isMeant: (file: string) => boolean): ReadonlySet<string> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && isMeant(name))
  const texts = files.map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
  return new Set(
    texts.flatMap((text) => [...text.matchAll(/'((?:I\d+a?|L\d|log)-[A-Za-z-]+)'/g)].map(([, name]) => name!)),
  )
}

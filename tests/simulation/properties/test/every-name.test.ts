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

function namesIn(folder: string, isMeant: (file: string) => boolean): ReadonlySet<string> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && isMeant(name))
  const texts = files.map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
  return new Set(
    texts.flatMap((text) => [...text.matchAll(/'((?:I\d+a?|L\d|log)-[A-Za-z-]+)'/g)].map(([, name]) => name!)),
  )
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { patchedSource, type SourcePatch } from '../../mutation/load-mutant.ts'
import { mutants } from './mutants.ts'
import { proofPage } from './proof-page.ts'
import { readRecords } from './records.ts'
import { uncaught } from './uncaught.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

test.each([...mutants, ...uncaught])('$name fits the product as it is', ({ patches }) => {
  const sources = new Map<string, string>()
  const sourceOf = ({ file }: SourcePatch): string => sources.get(file) ?? readFileSync(join(root, file), 'utf8')
  for (const patch of patches) sources.set(patch.file, patchedSource(sourceOf(patch), patch))
  for (const { file } of patches) expect(sources.get(file)).not.toBe(readFileSync(join(root, file), 'utf8'))
})

test('every variant has a name of its own, and a record of how it was caught', () => {
  const names = [...mutants, ...uncaught].map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  const recorded = new Map(readRecords().map(({ name, violation }) => [name, violation]))
  for (const { name, breaks, elusive } of mutants)
    if (elusive === undefined || recorded.has(name)) expect(breaks, name).toContain(recorded.get(name))
})

test('the proof page is as `npm run mutants -- --update` writes it', () => {
  const page = readFileSync(join(root, 'docs/proof/mutants.md'), 'utf8')
  expect(page).toBe(proofPage(mutants, readRecords(), uncaught))
})

import { expect, it } from 'vitest'
import { KeyIndex } from '../src/key-index.ts'

it('finds its names and nothing else, among thousands that share their beginnings', () => {
  const index = new KeyIndex()
  const names = Array.from({ length: 200 }, (_, id) => `name_${id}`)
  names.forEach((name, id) => expect(index.add(name)).toBe(id))
  const find = (name: string): number => {
    const bytes = new Uint8Array(Buffer.from(`xx${name}yy`))
    return index.find(bytes, 2, bytes.length - 2)
  }
  names.forEach((name, id) => expect(find(name)).toBe(id))
  for (let suffix = 0; suffix < 20_000; suffix++) expect(find(`name_${suffix % 200}~${suffix}`)).toBe(-1)
  expect(find('')).toBe(-1)
  expect(find('name_')).toBe(-1)
})

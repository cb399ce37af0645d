import { describe, expect, it } from 'vitest'
import { parseSchema } from '../../src/index.ts'

const nested = (levels: number): string => {
  const list = '{"type":"array","containsNull":true,"elementType":'
  const type = `${list.repeat(levels)}"long"${'}'.repeat(levels)}`
  return `{"type":"struct","fields":[{"name":"x","type":${type},"nullable":true,"metadata":{}}]}`
}

describe('a schema', () => {
  it('is read to any depth that people think of, and refused by name beyond', () => {
    expect(() => parseSchema(nested(400))).not.toThrow()
    expect(() => parseSchema(nested(50_000))).toThrow(expect.objectContaining({ code: 'delta/broken-schema' }))
  })
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Action } from '../../src/index.ts'
import { decodeEntry, encodeEntry } from '../../src/actions/entry-body.ts'
import { anyAction } from '../support/arbitrary.ts'

describe('a commit body', () => {
  it('reads back as the actions it was made of', () => {
    fc.assert(
      fc.property(fc.array(anyAction, { minLength: 1, maxLength: 12 }), (actions: readonly Action[]) => {
        expect(decodeEntry('k', encodeEntry(actions))).toEqual(actions)
      }),
    )
  })
})

import { expect, test } from 'vitest'
import { SiltError } from '@silt/core'
import { exitCodeOf, exitCodes } from '../src/exit-code.ts'

test('a table Silt did not make is refused, a wrong setting is wrong usage, our own bugs are failures', () => {
  expect(exitCodeOf(new SiltError('invalid', 'table/not-adopted', 'x'))).toBe(exitCodes.refused)
  expect(exitCodeOf(new SiltError('unsupported', 'delta/unsupported-feature', 'x'))).toBe(exitCodes.refused)
  expect(exitCodeOf(new SiltError('invalid', 'config/invalid', 'x'))).toBe(exitCodes.usage)
  expect(exitCodeOf(new SiltError('internal', 'internal/assertion', 'x'))).toBe(exitCodes.failed)
  expect(exitCodeOf(new Error('x'))).toBe(exitCodes.failed)
})

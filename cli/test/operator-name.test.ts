import { expect, test } from 'vitest'
import { operatorName } from '../src/commands/operator-name.ts'

test('a decision is recorded under some name also where the user has none, as in a container', () => {
  expect(operatorName(() => 'ann')).toBe('ann')
  const nameless = (): string => {
    throw new Error('uv_os_get_passwd returned ENOENT')
  }
  expect(operatorName(nameless)).toMatch(/^uid \S+ on \S+$/)
})

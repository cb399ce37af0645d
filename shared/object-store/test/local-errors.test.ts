import { SiltError } from '@silt/core'
import { expect, test } from 'vitest'
import { localError } from '../src/local-errors.ts'

test.each([
  ['ENOSPC', 'store/full', 'unavailable'],
  ['EDQUOT', 'store/full', 'unavailable'],
  ['EACCES', 'store/denied', 'invalid'],
  ['EPERM', 'store/denied', 'invalid'],
  ['EROFS', 'store/denied', 'invalid'],
  ['EISDIR', 'store/invalid-key', 'invalid'],
  ['ENAMETOOLONG', 'store/invalid-key', 'invalid'],
  ['EIO', 'store/unavailable', 'unavailable'],
  ['EMFILE', 'store/unavailable', 'unavailable'],
  ['ESTALE', 'store/unavailable', 'unavailable'],
])('%s becomes %s, %s, and names the path', (errno, code, kind) => {
  const cause = Object.assign(new Error(errno), { code: errno })
  const error = localError(cause, { does: 'write', path: '/data/table/a' })
  expect(error).toMatchObject({ code, kind, cause })
  expect(error.message).toContain('/data/table/a')
})

test('a SiltError stays as it is, and what the file system did not say is our bug', () => {
  const own = new SiltError('data', 'x/y', 'm')
  expect(localError(own, { does: 'read', path: '/a' })).toBe(own)
  expect(localError(new TypeError('oops'), { does: 'read', path: '/a' })).toMatchObject({ kind: 'internal' })
})

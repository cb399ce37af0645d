import { expect, test } from 'vitest'
import { recognise } from '../../src/login/recognise.ts'
import { openSession, sealSession, sessionCookieName } from '../../src/login/session-cookie.ts'
import type { LoginRules } from '../../src/visitor.ts'

const rules: LoginRules = {
  readerToken: 'the-token-that-looks',
  operatorToken: 'the-token-that-acts-',
  proxy: { userHeader: 'x-forwarded-user', token: 'the-token-of-a-proxy', operators: ['ada@example.org'] },
  sessionMs: 1000,
}
const nowMs = 1_700_000_000_000

function visitor(headers: Readonly<Record<string, string>>, chosen = rules, atMs = nowMs): unknown {
  return recognise((name) => headers[name], chosen, atMs)
}

test('a bearer token has its role; another has none, whatever else is sent along', () => {
  expect(visitor({ authorization: 'Bearer the-token-that-looks' })).toMatchObject({ role: 'reader', by: 'bearer' })
  expect(visitor({ authorization: 'Bearer the-token-that-acts-' })).toMatchObject({ role: 'operator', by: 'bearer' })
  const cookie = `${sessionCookieName}=${sealSession({ role: 'reader', who: 'x', endsMs: nowMs + 1 }, rules)}`
  expect(visitor({ authorization: 'Bearer the-token-that-look', cookie })).toBeUndefined()
  expect(visitor({ authorization: 'Basic dGhl' })).toBeUndefined()
  expect(visitor({})).toBeUndefined()
})

test('a session holds until its end, and no longer than the token it was begun with', () => {
  const value = sealSession({ role: 'operator', who: 'Ada', endsMs: nowMs + 1000 }, rules) ?? ''
  const cookie = `other=1; ${sessionCookieName}=${value}; more=2`
  expect(visitor({ cookie })).toEqual({ role: 'operator', who: 'Ada', by: 'cookie' })
  expect(visitor({ cookie }, rules, nowMs + 1000)).toBeUndefined()
  expect(visitor({ cookie }, { ...rules, operatorToken: 'another-token-by-now' })).toBeUndefined()
  expect(visitor({ cookie }, { ...rules, operatorToken: undefined })).toBeUndefined()
  expect(visitor({ cookie }, { ...rules, readerToken: 'another-token-by-now' })).toBeDefined()
})

test("a reader cannot turn a session into an operator's", () => {
  const value = sealSession({ role: 'reader', who: 'x', endsMs: nowMs + 1000 }, rules) ?? ''
  const [, seal = ''] = value.split('.')
  const forged = Buffer.from(JSON.stringify({ role: 'operator', who: 'x', endsMs: nowMs + 1000 })).toString('base64url')
  expect(openSession(`${forged}.${seal}`, rules, nowMs)).toBeUndefined()
  const ownKey = sealSession(
    { role: 'operator', who: 'x', endsMs: nowMs + 1000 },
    { ...rules, operatorToken: rules.readerToken },
  )
  expect(openSession(ownKey ?? '', rules, nowMs)).toBeUndefined()
})

test.each(['', '.', 'a.b', 'bnVsbA.x', `${Buffer.from('{"role":"king"}').toString('base64url')}.x`])(
  '%j is no session',
  (value) => {
    expect(openSession(value, rules, nowMs)).toBeUndefined()
  },
)

test("the user of a proxy counts only with the proxy's own token", () => {
  const user = { 'x-forwarded-user': 'ada@example.org' }
  expect(visitor(user)).toBeUndefined()
  expect(visitor({ ...user, 'x-silt-proxy-token': 'a guess' })).toBeUndefined()
  const proof = { 'x-silt-proxy-token': 'the-token-of-a-proxy' }
  expect(visitor({ ...user, ...proof })).toEqual({ role: 'operator', who: 'ada@example.org', by: 'proxy' })
  expect(visitor({ 'x-forwarded-user': 'bob@example.org', ...proof })).toMatchObject({ role: 'reader' })
  expect(visitor(proof)).toBeUndefined()
  expect(visitor({ ...user, ...proof }, { ...rules, proxy: undefined })).toBeUndefined()
})

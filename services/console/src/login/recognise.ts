import type { LoginRules, Role, Visitor } from '../visitor.ts'
import { sameText } from './same-text.ts'
import { openSession, sessionCookieName } from './session-cookie.ts'

const proxyTokenHeader = 'x-silt-proxy-token'

/** Headers of a request, by lower-case name. */
export type HeaderOf = (name: string) => string | undefined

/** Who sent a request; undefined where it does not say so, or says it wrongly. */
export function recognise(header: HeaderOf, rules: LoginRules, nowMs: number): Visitor | undefined {
  const authorization = header('authorization')
  if (authorization?.startsWith('Bearer ') === true) return bearer(authorization.slice('Bearer '.length).trim(), rules)
  return proxied(header, rules) ?? logged(header, rules, nowMs)
}

/** The role a token has; undefined where it is nobody's. The operator's goes first, in case they are the same. */
export function roleOfToken(token: string, { readerToken, operatorToken }: LoginRules): Role | undefined {
  if (operatorToken !== undefined && sameText(token, operatorToken)) return 'operator'
  return readerToken !== undefined && sameText(token, readerToken) ? 'reader' : undefined
}

/** How the log names who came by a token of many; the name is their own word for themselves. */
export function describeTokenUser(role: Role, name: string): string {
  const token = role === 'operator' ? 'CONSOLE_ADMIN_TOKEN' : 'CONSOLE_TOKEN'
  return name === '' ? `by ${token}` : `${name}, by ${token}`
}

function bearer(token: string, rules: LoginRules): Visitor | undefined {
  const role = roleOfToken(token, rules)
  return role === undefined ? undefined : { role, who: describeTokenUser(role, ''), by: 'bearer' }
}

/** The user's header counts only with the proxy's proof: anybody can send a header. */
function proxied(header: HeaderOf, { proxy }: LoginRules): Visitor | undefined {
  if (proxy === undefined) return undefined
  const proof = header(proxyTokenHeader)
  const user = header(proxy.userHeader)?.trim() ?? ''
  if (proof === undefined || user === '' || !sameText(proof, proxy.token)) return undefined
  return { role: proxy.operators.includes(user) ? 'operator' : 'reader', who: user, by: 'proxy' }
}

function logged(header: HeaderOf, rules: LoginRules, nowMs: number): Visitor | undefined {
  const session = openSession(cookieOf(header('cookie') ?? '', sessionCookieName), rules, nowMs)
  return session === undefined ? undefined : { role: session.role, who: session.who, by: 'cookie' }
}

function cookieOf(cookies: string, name: string): string {
  const found = cookies.split(';').find((each) => each.trim().startsWith(`${name}=`))
  return found?.trim().slice(name.length + 1) ?? ''
}

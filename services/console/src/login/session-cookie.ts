import { createHmac, hkdfSync } from 'node:crypto'
import type { LoginRules, Role } from '../visitor.ts'
import { sameText } from './same-text.ts'

export const sessionCookieName = 'silt-console'

export interface Session {
  readonly role: Role
  readonly who: string
  /** Since the Unix epoch. */
  readonly endsMs: number
}

/**
 * A session as cookie value: what it says and a seal. The seal's key comes from the token of its role, so that a reader cannot make an operator's
 * session, every replica knows it, and a changed token ends the sessions that were begun with it.
 */
export function sealSession(session: Session, rules: LoginRules): string | undefined {
  const key = sealKey(session.role, rules)
  if (key === undefined) return undefined
  const content = Buffer.from(JSON.stringify(session)).toString('base64url')
  return `${content}.${seal(content, key)}`
}

/** The session of a cookie value; undefined where the seal is broken, its token has changed, or it has ended. */
export function openSession(value: string, rules: LoginRules, nowMs: number): Session | undefined {
  const [content = '', given = ''] = value.split('.')
  const session = parseSession(content)
  if (session === undefined || session.endsMs <= nowMs) return undefined
  const key = sealKey(session.role, rules)
  return key !== undefined && sameText(given, seal(content, key)) ? session : undefined
}

function sealKey(role: Role, { readerToken, operatorToken }: LoginRules): Buffer | undefined {
  const token = role === 'operator' ? operatorToken : readerToken
  return token === undefined ? undefined : Buffer.from(hkdfSync('sha256', token, 'silt-console-session', role, 32))
}

function seal(content: string, key: Buffer): string {
  return createHmac('sha256', key).update(content).digest('base64url')
}

function parseSession(content: string): Session | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(content, 'base64url').toString())
    if (typeof value !== 'object' || value === null) return undefined
    const { role, who, endsMs } = value as Readonly<Record<string, unknown>>
    if ((role !== 'reader' && role !== 'operator') || typeof who !== 'string' || typeof endsMs !== 'number')
      return undefined
    return { role, who, endsMs }
  } catch {
    return undefined
  }
}

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { BodyFormat } from '../events/split-events.ts'
import type { RequestFault } from '../request-fault.ts'

export interface GuardRules {
  /** HTTP_TOKEN; without one only this machine is let in, and only under its own names. */
  readonly token: string | undefined
  /** HTTP_ORIGINS. */
  readonly origins: readonly string[]
}

const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i

/** Whether an address is this machine's own. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host)
}

/**
 * Whether a request may speak to this server at all.
 *
 * 1. Without a token the Host header must be a name of this machine: a web page whose own name was pointed here (DNS rebinding) is turned away.
 * 2. A browser's Origin must be the page's own server or one of HTTP_ORIGINS. What is not a browser sends none.
 */
export function judgeOrigin(headers: IncomingHttpHeaders, rules: GuardRules): RequestFault | undefined {
  if (rules.token === undefined && !loopbackHost.test(headers.host ?? ''))
    return {
      status: 403,
      code: 'collector/host',
      error: 'without HTTP_TOKEN this collector answers only to localhost, 127.0.0.1 and [::1]',
      remedy: 'use one of these names, or set HTTP_TOKEN',
    }
  const { origin } = headers
  if (origin === undefined || isAllowedOrigin(origin, headers.host, rules)) return undefined
  return {
    status: 403,
    code: 'collector/origin',
    error: 'pages of this origin may not send events here',
    remedy: 'add the origin to HTTP_ORIGINS',
  }
}

/** Compares in a time that tells nothing of the token. */
export function judgeToken(headers: IncomingHttpHeaders, { token }: GuardRules): RequestFault | undefined {
  if (token === undefined) return undefined
  const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  if (given !== undefined && timingSafeEqual(digest(given), digest(token))) return undefined
  return {
    status: 401,
    code: given === undefined ? 'collector/no-token' : 'collector/wrong-token',
    error: given === undefined ? 'this collector wants a token' : 'this is not the token of this collector',
    remedy: 'send "authorization: Bearer <HTTP_TOKEN>"',
    headers: { 'www-authenticate': 'Bearer' },
  }
}

/** The format of a body by its content type, or why it is not taken. */
export function judgeContent(headers: IncomingHttpHeaders): { format: BodyFormat } | { fault: RequestFault } {
  const encoding = headers['content-encoding'] ?? 'identity'
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';')
  const isUtf8 = parameters.every((each) => /^\s*(charset="?utf-8"?)?\s*$/.test(each))
  const format = formats.get(type.trim())
  if (format !== undefined && isUtf8 && encoding === 'identity') return { format }
  return {
    fault: {
      status: 415,
      code: 'collector/content-type',
      error:
        encoding === 'identity'
          ? 'this content-type is not taken'
          : `content-encoding ${encoding} is not taken; send it plain`,
      remedy: 'use content-type application/json or application/x-ndjson, in UTF-8',
    },
  }
}

/** What lets a page of an allowed origin read the answer. */
export function corsHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const { origin } = headers
  if (origin === undefined) return {}
  // sendBeacon always asks to send credentials along; nothing here goes by cookies.
  return { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true', vary: 'origin' }
}

export const preflightHeaders: Readonly<Record<string, string>> = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'authorization, content-type',
  'access-control-max-age': '600',
}

const formats: ReadonlyMap<string, BodyFormat> = new Map([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
])

/** By host and port alone: behind a proxy that ends TLS the scheme here is not the page's. */
function isAllowedOrigin(origin: string, host: string | undefined, { origins }: GuardRules): boolean {
  if (origins.some((allowed) => allowed.replace(/\/$/, '').toLowerCase() === origin.toLowerCase())) return true
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase()
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/**
 * The client's side of OAUTHBEARER (RFC 7628, KIP-255, extensions by KIP-342).
 *
 *     first message => "n,," ^A "auth=Bearer " token ^A *( name "=" value ^A ) ^A
 *     refusal       => JSON { status, scope?, openid-configuration? }, answered with ^A
 */
export function bearerFirst(token: string, extensions: Readonly<Record<string, string>>): Buffer {
  const pairs = Object.entries(extensions).map(([name, value]) => `${name}=${value}${SEPARATOR}`)
  return Buffer.from(`n,,${SEPARATOR}auth=Bearer ${token}${SEPARATOR}${pairs.join('')}${SEPARATOR}`)
}

const SEPARATOR = '\u0001'
const REASON_CHARS_MAX = 200

/** What the client answers to a refusal: nothing more to say. */
export const BEARER_ABORT = Buffer.from(SEPARATOR)

/** Why the broker refuses the token, for people: its status, and the scope it misses. */
export function bearerRefusal(challenge: Buffer): string {
  const told = parse(challenge.toString('utf8'))
  const parts = ['status', 'scope'].flatMap((field) => {
    const value: unknown = Reflect.get(told, field)
    return typeof value === 'string' && value !== '' ? [`${field} ${value}`] : []
  })
  return parts.length === 0 ? 'no reason given' : parts.join(', ').slice(0, REASON_CHARS_MAX)
}

function parse(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

import type { RequestFault } from '../request-fault.ts'
import { noEvents, notAnObject, notJson, notUtf8, tooManyEvents, type EventPlace } from '../request-fault.ts'

/** One event as it was sent. */
export interface CollectedEvent {
  /** Its JSON text, character for character; never parsed and written again, so that no number loses digits. */
  readonly text: string
  /** Its record key; null where it has none. */
  readonly key: string | null
}

export type BodyFormat = 'json' | 'ndjson'
export type KeyChoice = 'session_id' | 'none'

export interface SplitRules {
  readonly format: BodyFormat
  readonly key: KeyChoice
  readonly eventsMax: number
}

export type SplitOutcome =
  | { readonly kind: 'events'; readonly events: readonly CollectedEvent[] }
  | { readonly kind: 'fault'; readonly fault: RequestFault }

/** The events of a body, all of them or a fault: a request is never taken in part because of what it says. */
export function splitEvents(body: Uint8Array, rules: SplitRules): SplitOutcome {
  const text = decodeUtf8(body)
  if (text === undefined) return fault(notUtf8)
  const pieces = rules.format === 'ndjson' ? linesOf(text) : jsonPieces(text)
  if (!Array.isArray(pieces)) return fault(pieces as RequestFault)
  if (pieces.length === 0) return fault(noEvents)
  if (pieces.length > rules.eventsMax) return fault(tooManyEvents(pieces.length, rules.eventsMax))
  const events: CollectedEvent[] = []
  for (const piece of pieces as readonly Piece[]) {
    const judged = judgePiece(piece, rules.key)
    if ('fault' in judged) return fault(judged.fault)
    events.push(judged.event)
  }
  return { kind: 'events', events }
}

interface Piece {
  readonly text: string
  readonly place: EventPlace
}

function fault(found: RequestFault): SplitOutcome {
  return { kind: 'fault', fault: found }
}

/** Undefined where it is not UTF-8; a byte order mark at the start is left out. */
function decodeUtf8(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return undefined
  }
}

function judgePiece({ text, place }: Piece, key: KeyChoice): { event: CollectedEvent } | { fault: RequestFault } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { fault: notJson(place, error instanceof Error ? withoutContent(error.message) : 'it cannot be parsed') }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { fault: notAnObject(place, Array.isArray(value) ? 'an array' : value === null ? 'null' : typeof value) }
  return { event: { text, key: key === 'none' ? null : sessionKey(value) } }
}

/** V8 quotes what it read; an answer says where, not what. */
function withoutContent(message: string): string {
  const position = /at position (\d+)/.exec(message)?.[1]
  return position === undefined
    ? 'it ends too early or holds a character JSON does not know'
    : `at character ${position}`
}

function sessionKey(event: object): string | null {
  const session: unknown = 'session_id' in event ? event.session_id : undefined
  if (typeof session === 'string') return session === '' ? null : session
  return typeof session === 'number' ? String(session) : null
}

function linesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const content = line.endsWith('\r') ? line.slice(0, -1) : line
    if (!isBlank(content)) pieces.push({ text: content, place: { index: pieces.length, line: index + 1 } })
  }
  return pieces
}

function isBlank(text: string): boolean {
  return trimJson(text) === ''
}

function jsonPieces(text: string): readonly Piece[] | RequestFault {
  const trimmed = trimJson(text)
  if (trimmed === '') return []
  return trimmed.startsWith('[') ? arrayElements(trimmed) : [{ text: trimmed, place: { index: 0 } }]
}

/** Only what JSON calls white space: `trim` would also take a no-break space that makes the text wrong. */
function trimJson(text: string): string {
  return text.replace(/^[ \t\r\n]+/, '').replace(/[ \t\r\n]+$/, '')
}

const codes = Object.freeze({ quote: 0x22, comma: 0x2c, backslash: 0x5c, open: [0x5b, 0x7b], close: [0x5d, 0x7d] })

/**
 * Cuts the text of an array, which begins with `[`, at its own commas. Pieces are not checked here: each is parsed by itself, and an array all
 * of whose pieces are JSON is JSON.
 */
function arrayElements(text: string): readonly Piece[] | RequestFault {
  const pieces: Piece[] = []
  const cut = (from: number, to: number): void => {
    pieces.push({ text: trimJson(text.slice(from, to)), place: { index: pieces.length } })
  }
  let depth = 0
  let start = 1
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === codes.quote) {
      const end = endOfString(text, at)
      if (end < 0) return notJson({ index: pieces.length }, 'a string is not closed')
      at = end
    } else if (codes.open.includes(code)) depth++
    else if (codes.close.includes(code)) {
      if (--depth > 0) continue
      if (at !== text.length - 1) return notJson({ index: pieces.length }, 'text follows the array')
      const isEmpty = pieces.length === 0 && trimJson(text.slice(1, at)) === ''
      if (!isEmpty) cut(start, at)
      return text.endsWith(']') ? pieces : notJson({ index: pieces.length }, 'the array is not closed')
    } else if (code === codes.comma && depth === 1) {
      cut(start, at)
      start = at + 1
    }
  }
  return notJson({ index: pieces.length }, 'the array is not closed')
}

/** Position of the quote that closes the string beginning at `open`; -1 where none does. */
function endOfString(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === codes.backslash) at++
    else if (code === codes.quote) return at
  }
  return -1
}

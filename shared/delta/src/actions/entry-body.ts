import { brokenLog } from '../errors.ts'
import type { Action } from './action.ts'
import { parseAction } from './parse-action.ts'

/**
 * The body of a commit: one action a line (Delta PROTOCOL § Delta Log Entries).
 *
 *     entry  = *( action LF )
 *     action = JSON object with one key, without line breaks
 */
export function encodeEntry(actions: readonly Action[]): Uint8Array {
  return new TextEncoder().encode(entryText(actions))
}

/** What `encodeEntry` encodes. */
export function entryText(actions: readonly Action[]): string {
  return actions.map((action) => `${JSON.stringify('unknown' in action ? action.unknown : action)}\n`).join('')
}

/** Reads a commit. Throws `delta/broken-log` (data) naming `key` and the line; a file without any action is broken too. */
export function decodeEntry(key: string, body: Uint8Array): Action[] {
  const actions: Action[] = []
  const take = (line: number, text: string): void => {
    if (text === '') return
    const where = `${key} line ${line}`
    const action = parseAction(where, parseLine(where, text))
    if (action !== undefined) actions.push(action)
  }
  const whole = wholeText(body)
  if (whole === undefined) for (const { line, text } of linesOf(key, body)) take(line, text)
  else whole.split('\n').forEach((text, index) => take(index + 1, text.trim()))
  // A commit that is there but empty is a half-written one of a store without atomic puts.
  if (actions.length === 0) throw brokenLog(key, 'the commit holds no action')
  return actions
}

function parseLine(where: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw brokenLog(where, 'the line is not JSON', cause)
  }
}

/** Most commits are small, and one text is made faster than one a line. */
const wholeTextBytesMax = 1024 * 1024

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Undefined where the body has to be read line by line: it is long, or a line of it is to be named. */
function wholeText(body: Uint8Array): string | undefined {
  if (body.length > wholeTextBytesMax) return undefined
  try {
    return decoder.decode(body)
  } catch {
    return undefined
  }
}

// Line by line, so that a commit larger than the longest string can be read.
function* linesOf(key: string, body: Uint8Array): Generator<{ readonly line: number; readonly text: string }> {
  let start = 0
  for (let line = 1; start < body.length; line++) {
    const lineFeed = body.indexOf(0x0a, start)
    const end = lineFeed < 0 ? body.length : lineFeed
    let text: string
    try {
      text = decoder.decode(body.subarray(start, end)).trim()
    } catch (cause) {
      throw brokenLog(`${key} line ${line}`, 'the line is not UTF-8', cause)
    }
    yield { line, text }
    start = end + 1
  }
}

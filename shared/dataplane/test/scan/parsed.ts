import { assert } from '@silt/core'
import { isUtf8 } from 'node:buffer'

/** Throws where JSON.parse does not take what the scanner took: an object, in UTF-8. */
export function expectAsParsed(bytes: Buffer): void {
  assert(isUtf8(bytes), 'what was taken is UTF-8')
  const parsed: unknown = JSON.parse(bytes.toString())
  assert(typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed), 'what was taken is an object')
}

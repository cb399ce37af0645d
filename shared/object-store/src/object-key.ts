import { SiltError } from '@silt/core'

/** S3's bound; the length of a key in UTF-8 bytes. */
const keyBytesMax = 1024

/**
 * Whether `key` may name an object: relative, `/`-separated, at most 1024 UTF-8 bytes, no empty, `.` or `..` segment,
 * no control character, no lone surrogate.
 */
export function isKey(key: string): boolean {
  return key !== '' && isText(key) && key.split('/').every(isSegment)
}

/** Throws `store/invalid-key` unless `isKey`: such a name could leave the store's root, or exists in only some stores. */
export function requireKey(key: string): void {
  if (!isKey(key)) refuse('key', key)
}

/** A prefix is the beginning of a key, so its last segment may be cut anywhere. Throws `store/invalid-key`. */
export function requirePrefix(prefix: string): void {
  if (prefix === '') return
  const folder = folderOf(prefix)
  if (!isText(prefix) || (folder !== '' && !folder.slice(0, -1).split('/').every(isSegment))) refuse('prefix', prefix)
}

/** `a/b/` of `a/b/c`, empty for a key at the root. */
export function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1)
}

/** Order of the keys' UTF-8 bytes; JavaScript's own order puts U+E000..U+FFFF after the surrogates of larger code points. */
export function compareKeys(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index)
    const b = right.charCodeAt(index)
    if (a !== b) return utf8Rank(a) - utf8Rank(b)
  }
  return left.length - right.length
}

function utf8Rank(codeUnit: number): number {
  if (codeUnit < 0xd800) return codeUnit
  return codeUnit < 0xe000 ? codeUnit + 0x2000 : codeUnit - 0x800
}

function isSegment(segment: string): boolean {
  return segment !== '' && segment !== '.' && segment !== '..'
}

function isText(text: string): boolean {
  return text.isWellFormed() && Buffer.byteLength(text) <= keyBytesMax && !hasControlCharacter(text)
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const codeUnit = text.charCodeAt(index)
    if (codeUnit < 0x20 || codeUnit === 0x7f) return true
  }
  return false
}

function refuse(what: string, text: string): never {
  throw new SiltError(
    'invalid',
    'store/invalid-key',
    `${JSON.stringify(text.slice(0, 200))} is no ${what} of an object`,
  )
}

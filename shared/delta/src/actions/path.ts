import { SiltError } from '@silt/core'

/**
 * A data file's path as an `add` spells it: URI-encoded (RFC 2396), `/` kept.
 * `:` is encoded too: in a first segment it would read as a scheme. Throws `delta/invalid-path` (invalid) for lone surrogates.
 */
export function encodePath(path: string): string {
  if (!path.isWellFormed()) throw new SiltError('invalid', 'delta/invalid-path', 'a path holds a lone surrogate')
  return encodeURI(path).replace(/[#?:]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** The reverse of `encodePath`. Throws `delta/invalid-path` (data) for text that is not URI-encoded. */
export function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch (cause) {
    throw new SiltError('data', 'delta/invalid-path', `${JSON.stringify(path)} is not a URI-encoded path`, { cause })
  }
}

/** Whether a path leaves the table's folder: it has a scheme or starts with `/`. */
export function isAbsolutePath(path: string): boolean {
  return /^([A-Za-z][A-Za-z0-9+.-]*:|\/)/.test(path)
}

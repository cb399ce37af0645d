import { SiltError } from '@silt/core'

/**
 * A data file's path as an `add` spells it: URI-encoded (RFC 2396), `/` kept.
 * `:` is encoded too: in a first segment it would read as a scheme. Throws `delta/invalid-path` (invalid) for lone surrogates.
 */
export function encodePath(path: string): string {
  if (!path.isWellFormed()) throw new SiltError('invalid', 'delta/invalid-path', 'a path holds a lone surrogate')
  return encodeURI(path).replace(/[#?:]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** Bytes of one folder's name that every file system takes; a longer value is cut: readers take values from the add, folders are for people. */
const folderBytesMax = 200
/** Bytes of all folders together, so that stores with keys of 1024 bytes take them, below some prefix and with a file's name behind; and how many there are. */
const foldersBytesMax = 640
const foldersMax = 64

/**
 * The folder of a partition as Hive spells it: `column=value/…`, with `__HIVE_DEFAULT_PARTITION__` for null and for an empty text. To be encoded like any path.
 */
export function partitionFolder(values: Readonly<Record<string, string | null>>): string {
  const entries = Object.entries(values).slice(0, foldersMax)
  const bytesMax = Math.min(folderBytesMax, Math.floor(foldersBytesMax / Math.max(1, entries.length)) - 1)
  return entries
    .map(([column, value]) => {
      const text = value === null || value === '' ? '__HIVE_DEFAULT_PARTITION__' : hiveEscaped(value)
      return cut(`${hiveEscaped(column)}=${text}`, bytesMax)
    })
    .join('/')
}

/** Characters that Hive and Spark escape in folders, each as the hex of its code. */
function hiveEscaped(text: string): string {
  return text.replace(/[\u0000-\u001f"#%'*/:=?\\\u007f{}[\]^<>| ]/g, (char) => {
    return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  })
}

function cut(folder: string, bytesMax: number): string {
  let bytes = 0
  let kept = ''
  for (const char of folder) {
    bytes += new TextEncoder().encode(char).length
    if (bytes > bytesMax) return kept
    kept += char
  }
  return kept
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

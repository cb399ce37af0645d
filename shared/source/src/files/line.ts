import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { readBytes } from './read-bytes.ts'

export const newline = 0x0a
export const carriageReturn = 0x0d
const windowBytesFirst = 8 * 1024
const windowBytesMax = 256 * 1024

/** A whole line. Its value is the bytes before the newline without one trailing carriage return. */
export interface MeasuredLine {
  readonly lengthBytes: number
  readonly sha256Hex: string
  /** The byte after the newline. */
  readonly nextLine: number
}

/** Measures the line that begins at `start` without holding it; undefined while its newline is not there. */
export async function measureLine(
  file: FileHandle,
  start: number,
  signal?: AbortSignal,
): Promise<MeasuredLine | undefined> {
  const hash = createHash('sha256')
  let lengthBytes = 0
  let heldReturn = false
  let windowBytes = windowBytesFirst
  for (let position = start; ; windowBytes = Math.min(windowBytes * 4, windowBytesMax)) {
    signal?.throwIfAborted()
    const bytes = await readBytes(file, position, windowBytes)
    if (bytes.length === 0) return undefined
    const found = bytes.indexOf(newline)
    const piece = found < 0 ? bytes : bytes.subarray(0, found)
    if (piece.length > 0) {
      if (heldReturn) {
        hash.update('\r')
        lengthBytes += 1
      }
      heldReturn = piece[piece.length - 1] === carriageReturn
      const kept = heldReturn ? piece.subarray(0, -1) : piece
      hash.update(kept)
      lengthBytes += kept.length
    }
    if (found >= 0) return { lengthBytes, sha256Hex: hash.digest('hex'), nextLine: position + found + 1 }
    position += bytes.length
  }
}

/** Start of the first line that begins in `[start, endExclusive)`; `endExclusive` where none does. */
export async function firstLineStart(
  file: FileHandle,
  start: number,
  endExclusive: number,
  signal: AbortSignal,
): Promise<number> {
  if (start === 0) return 0
  let windowBytes = windowBytesFirst
  for (let position = start - 1; position < endExclusive - 1; windowBytes = Math.min(windowBytes * 4, windowBytesMax)) {
    signal.throwIfAborted()
    const bytes = await readBytes(file, position, Math.min(windowBytes, endExclusive - 1 - position))
    if (bytes.length === 0) break
    const found = bytes.indexOf(newline)
    if (found >= 0) return position + found + 1
    position += bytes.length
  }
  return endExclusive
}

/** Identity of a partition file: 16 hex digits of the sha256 of its first line; undefined until that line is whole. */
export async function fileTopicId(file: FileHandle, signal?: AbortSignal): Promise<string | undefined> {
  const first = await measureLine(file, 0, signal)
  return first?.sha256Hex.slice(0, 16)
}

import type { FileHandle } from 'node:fs/promises'
import { newline } from './line.ts'
import { readBytes } from './read-bytes.ts'

const windowBytesMax = 64 * 1024

/** What is known of a file's last newline. Frozen; belongs to one inode. */
export interface KnownEnd {
  readonly inode: number
  readonly modifiedMs: number
  /** The byte after the last newline below `scannedTo`; 0 where there is none. */
  readonly readableEnd: number
  /** All bytes below have been looked at: the size of the file then. */
  readonly scannedTo: number
}

export interface FileState {
  readonly inode: number
  readonly modifiedMs: number
  readonly sizeBytes: number
}

/** Whether `known` still describes the file, as far as its state tells. */
export function isCurrent(known: KnownEnd, state: FileState): boolean {
  return known.inode === state.inode && known.modifiedMs === state.modifiedMs && known.scannedTo === state.sizeBytes
}

/**
 * Finds the readable end by reading backwards from the end of the file, down to what `known` has seen:
 * a byte is looked at once however slowly a last line grows, and opening a big file costs one window.
 */
export async function findReadableEnd(file: FileHandle, state: FileState, known?: KnownEnd): Promise<KnownEnd> {
  const base = known !== undefined && (await stillHolds(file, state, known)) ? known : undefined
  const floor = base === undefined ? 0 : scanFloor(base)
  const found = (readableEnd: number): KnownEnd => ({
    inode: state.inode,
    modifiedMs: state.modifiedMs,
    readableEnd,
    scannedTo: state.sizeBytes,
  })
  for (let end = state.sizeBytes; end > floor;) {
    const start = Math.max(floor, end - windowBytesMax)
    const bytes = await readBytes(file, start, end - start)
    const last = bytes.lastIndexOf(newline)
    if (last >= 0) return found(start + last + 1)
    end = start
  }
  return found(base?.readableEnd ?? 0)
}

/** A file rewritten in place keeps its inode: its old end counts only if it is not shorter and the newline is still there. */
async function stillHolds(file: FileHandle, state: FileState, known: KnownEnd): Promise<boolean> {
  if (known.inode !== state.inode || state.sizeBytes < known.scannedTo) return false
  if (known.readableEnd === 0) return false
  const byte = await readBytes(file, known.readableEnd - 1, 1)
  return byte[0] === newline
}

/** A short unfinished line is looked at again, for a writer may have cut it off and written another. */
function scanFloor(known: KnownEnd): number {
  return known.scannedTo - known.readableEnd > windowBytesMax ? known.scannedTo : known.readableEnd
}

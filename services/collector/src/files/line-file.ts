import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { SiltError, type Clock } from '@silt/core'
import { fileError } from './file-error.ts'

const newline = 0x0a
/** A last line that has not grown for so long is nobody's any more, ms. */
const stillMs = 50
const looksMax = 20

/**
 * A file that lines are appended to. It is opened anew for each append, so that one which was removed or replaced is noticed.
 *
 * A last line without newline is what a crash or a full disk left of an append nobody was told to be durable. A newline ends it: it becomes a record
 * of its own (a dead letter unless it is whole), and nothing that follows is glued to it. It is not cut off, for another process may be appending.
 */
export class LineFile {
  readonly #path: string
  readonly #clock: Pick<Clock, 'sleep'>
  /** The file whose name is known to be durable, by inode. */
  #namedInode: number | undefined

  constructor(path: string, clock: Pick<Clock, 'sleep'>) {
    this.#path = path
    this.#clock = clock
  }

  /**
   * Resolves when the lines are durable. Not to be called while it runs.
   * Errors: `collector/cannot-write` (ambiguous: some of it may be there), `collector/denied` (invalid), both naming TOPICS_DIR.
   */
  async append(lines: readonly string[]): Promise<void> {
    try {
      const made = await mkdir(dirname(this.#path), { recursive: true })
      const file = await open(this.#path, 'a+')
      try {
        const text = lines.map((line) => `${line}\n`).join('')
        await appendAtOnce(file, (await isTorn(file, this.#clock)) ? `\n${text}` : text, this.#path)
        await file.datasync()
        await this.#syncName(file, made)
      } finally {
        await file.close()
      }
    } catch (error) {
      throw fileError(error, this.#path)
    }
  }

  /** A new file is durable only with its folder, and that with the one above it; the process that made them may have died before it said so. */
  async #syncName(file: FileHandle, topFolderMade: string | undefined): Promise<void> {
    const { ino } = await file.stat()
    if (ino === this.#namedInode) return
    const folder = dirname(resolve(this.#path))
    const top = dirname(topFolderMade === undefined ? dirname(folder) : resolve(topFolderMade))
    for (let each = folder; each.length >= top.length; each = dirname(each)) {
      await syncFolder(each)
      if (each === dirname(each)) break
    }
    this.#namedInode = ino
  }
}

/** In one call, which others who append cannot get between: `appendFile` makes one of every 512 KiB. */
async function appendAtOnce(file: FileHandle, text: string, path: string): Promise<void> {
  const bytes = Buffer.from(text)
  const { bytesWritten } = await file.write(bytes)
  if (bytesWritten === bytes.length) return
  const message = `TOPICS_DIR: ${path} took ${bytesWritten} of ${bytes.length} bytes; is the disk full?`
  throw new SiltError('ambiguous', 'collector/cannot-write', message, { context: { path } })
}

/**
 * Whether the last line was left without its newline, and nobody is still writing it: the file system shows another process' append page by page. Taken for
 * torn where it is not, it is followed by an empty line.
 */
async function isTorn(file: FileHandle, clock: Pick<Clock, 'sleep'>): Promise<boolean> {
  for (let look = 0; look < looksMax; look++) {
    if (await endsInLine(file)) return false
    const { size } = await file.stat()
    await clock.sleep(stillMs)
    if ((await file.stat()).size === size) return !(await endsInLine(file))
  }
  return true
}

/** True for an empty file and one whose last byte is a newline. */
async function endsInLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat()
  if (size === 0) return true
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return bytesRead === 1 && buffer[0] === newline
}

async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    // A folder we may not even read was not made by us; some file systems cannot sync one.
    if (!['EACCES', 'EPERM', 'EINVAL', 'EROFS'].includes(codeOf(error))) throw error
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

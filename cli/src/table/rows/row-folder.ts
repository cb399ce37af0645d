import { rmSync } from 'node:fs'
import { mkdtemp, open, realpath, rm, statfs, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SiltError } from '@silt/core'
import type { ObjectPlace } from '@silt/delta'

/** Bytes of one request; a file of any size goes through this much memory. */
const rangeBytes = 16 * 1024 * 1024

/** A file to be read: where it lies, and its path where that is on this machine. */
export interface FilePlace extends ObjectPlace {
  readonly path: string | undefined
}

/**
 * A folder of one command's own, in which the files it reads have plain names: links to those of this machine, copies of the others. Below TMPDIR; gone
 * at `close`, and left behind only by a process that was killed.
 */
export class RowFolder {
  readonly path: string
  readonly #signal: AbortSignal

  // A reader of standard output that has read enough ends this process at once.
  readonly #atExit = (): void => rmSync(this.path, { recursive: true, force: true })

  private constructor(path: string, signal: AbortSignal) {
    this.path = path
    this.#signal = signal
    process.once('exit', this.#atExit)
  }

  static async make(signal: AbortSignal): Promise<RowFolder> {
    return new RowFolder(await realpath(await mkdtemp(join(tmpdir(), 'silt-rows-'))), signal)
  }

  /** Throws `table/no-room` (invalid) where copies of so many bytes would fill the disk. */
  async requireRoom(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.path)
    if (bytes <= bavail * bsize * 0.9) return
    const message = `${bytes} bytes of data files have to be copied to ${dirname(this.path)}, which has ${bavail * bsize} left; choose another folder by TMPDIR, or read less (--version, or an older table)`
    throw new SiltError('invalid', 'table/no-room', message)
  }

  /** Makes the file readable as `<path>/<fileName>`. Errors: `table/file-missing` (data), the store's. */
  async stage(fileName: string, place: FilePlace): Promise<string> {
    const staged = join(this.path, fileName)
    const info = await place.store.head(place.key)
    if (info === undefined) throw fileMissing(place)
    if (place.path !== undefined) await symlink(place.path, staged)
    else await this.#copy(place, info.sizeBytes, staged)
    return staged
  }

  async unstage(staged: string): Promise<void> {
    await rm(staged, { force: true })
  }

  async close(): Promise<void> {
    process.off('exit', this.#atExit)
    await rm(this.path, { recursive: true, force: true })
  }

  async #copy(place: FilePlace, sizeBytes: number, staged: string): Promise<void> {
    const file = await open(staged, 'wx')
    try {
      for (let startByte = 0; startByte < sizeBytes; startByte += rangeBytes) {
        this.#signal.throwIfAborted()
        const range = { startByte, endByteExclusive: Math.min(sizeBytes, startByte + rangeBytes) }
        const found = await place.store.get(place.key, range)
        if (found.kind === 'missing') throw fileMissing(place)
        await file.writeFile(found.body)
      }
    } finally {
      await file.close()
    }
  }
}

function fileMissing({ store, key }: FilePlace): SiltError {
  const message = `${store.location}/${key} is in the log but not in the store`
  return new SiltError('data', 'table/file-missing', message, { context: { key } })
}

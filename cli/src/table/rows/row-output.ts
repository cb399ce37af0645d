import { copyFile, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname, join, basename } from 'node:path'
import { SiltError } from '@silt/core'
import type { Terminal } from '../../terminal.ts'

const chunkChars = 256 * 1024

/** Where lines go: a file, which appears whole at `finish` or not at all, or standard output, no faster than it is read. */
export interface RowOutput {
  line(text: string): Promise<void> | undefined
  finish(): Promise<void>
  /** After a failure: leaves nothing behind. */
  abandon(): Promise<void>
}

/** Errors: `table/output-unwritable` (invalid), here and at `finish`. */
export async function openOutput(path: string | undefined, terminal: Terminal): Promise<RowOutput> {
  if (path === undefined) return new Lines((text) => terminal.write(Buffer.from(text)))
  const partial = partialName(path, terminal)
  const file = await open(partial, 'wx').catch((cause: unknown) => {
    throw unwritable(path, cause)
  })
  return new Lines((text) => file.writeFile(text), { file, partial, path })
}

/**
 * Moves a finished file to where it was asked for, over another file system too; it is seen there whole. Errors: `table/output-unwritable` (invalid).
 */
export async function moveTo(from: string, path: string, terminal: Terminal): Promise<void> {
  const partial = partialName(path, terminal)
  try {
    await copyFile(from, partial)
    await rename(partial, path)
  } catch (cause) {
    throw unwritable(path, cause)
  } finally {
    await rm(partial, { force: true })
  }
}

/** Sends a file to standard output. */
export async function sendFile(from: string, terminal: Terminal): Promise<void> {
  const file = await open(from)
  try {
    for await (const bytes of file.createReadStream({ highWaterMark: chunkChars }))
      await terminal.write(bytes as Buffer)
  } finally {
    await file.close()
  }
}

function unwritable(path: string, cause: unknown): SiltError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause)
  const message = `--output ${path} cannot be written (${code}); name a file in a folder that is there and takes it`
  return new SiltError('invalid', 'table/output-unwritable', message, { cause })
}

function partialName(path: string, terminal: Terminal): string {
  return join(dirname(path), `.${basename(path)}.${terminal.random.uuid()}.partial`)
}

class Lines implements RowOutput {
  readonly #write: (text: string) => Promise<void>
  readonly #target: { readonly file: FileHandle; readonly partial: string; readonly path: string } | undefined
  #text = ''

  constructor(
    write: (text: string) => Promise<void>,
    target?: { readonly file: FileHandle; readonly partial: string; readonly path: string },
  ) {
    this.#write = write
    this.#target = target
  }

  line(text: string): Promise<void> | undefined {
    this.#text += `${text}\n`
    return this.#text.length < chunkChars ? undefined : this.#flush()
  }

  async finish(): Promise<void> {
    await this.#flush()
    if (this.#target === undefined) return
    const { file, partial, path } = this.#target
    await file.close()
    try {
      await rename(partial, path)
    } catch (cause) {
      await rm(partial, { force: true })
      throw unwritable(path, cause)
    }
  }

  async abandon(): Promise<void> {
    if (this.#target === undefined) return
    await this.#target.file.close()
    await rm(this.#target.partial, { force: true })
  }

  async #flush(): Promise<void> {
    const text = this.#text
    this.#text = ''
    if (text !== '') await this.#write(text)
  }
}

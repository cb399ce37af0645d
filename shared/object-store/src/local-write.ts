import { link, mkdir, open, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { PutIfAbsentResult, Random } from '@silt/core'
import { SiltError } from '@silt/core'
import { errnoOf, isAbsence, localError, noFolderError, noLinksError } from './local-errors.ts'

const directoriesRememberedMax = 10_000
const noLinkErrnos = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']
const temporaryName = /^\.silt-[0-9a-f-]{36}\.tmp$/

/** A file being written, or left over by a process that died: never part of the store. */
export function isTemporaryName(name: string): boolean {
  return temporaryName.test(name)
}

/**
 * Puts whole files that survive a power cut, each in three steps: write and fsync a temporary file beside the final name,
 * give it that name in one atomic call, fsync the folder. Dying between any two leaves the old state or the new, and at most
 * a temporary file that nothing reads.
 */
export class LocalWriter {
  readonly #root: string
  readonly #random: Random
  /** Folders this process has made durable, up to the root. */
  readonly #durable = new Set<string>()

  constructor(root: string, random: Random) {
    this.#root = root
    this.#random = random
  }

  /** Replaces what is there. Returns the file's mtime, ms. */
  async replace(path: string, body: Uint8Array): Promise<number> {
    const temporary = await this.#writeTemporary(path, body)
    try {
      await rename(temporary.path, path)
    } catch (error) {
      await removeQuietly(temporary.path)
      throw localError(error, { does: 'write', path })
    }
    try {
      await syncDirectory(dirname(path))
    } catch (cause) {
      throw new SiltError('ambiguous', 'store/ambiguous', `${path} was written, but perhaps not durably`, { cause })
    }
    return temporary.modifiedMs
  }

  /** Takes the file away for good; one that is not there is as good. */
  async remove(path: string): Promise<void> {
    try {
      await unlink(path)
      await syncDirectory(dirname(path))
    } catch (error) {
      if (!isAbsence(error)) throw localError(error, { does: 'delete', path })
    }
  }

  /** Gives the name only if it is free: `link` fails where `rename` would overwrite. */
  async create(path: string, body: Uint8Array): Promise<PutIfAbsentResult> {
    const temporary = await this.#writeTemporary(path, body)
    try {
      await link(temporary.path, path)
    } catch (error) {
      return await this.#afterFailedLink(error, temporary, path)
    } finally {
      await removeQuietly(temporary.path)
    }
    return await settle(path, temporary.modifiedMs)
  }

  async #afterFailedLink(error: unknown, temporary: TemporaryFile, path: string): Promise<PutIfAbsentResult> {
    const errno = errnoOf(error)
    if (noLinkErrnos.includes(errno)) throw noLinksError(dirname(path), error)
    // A file server repeats a call whose answer was lost, so a refusal can be our own success: then our file has two names.
    const names = await stat(temporary.path).then(
      (found) => found.nlink,
      () => undefined,
    )
    if (names !== undefined && names > 1) return await settle(path, temporary.modifiedMs)
    if (errno === 'EEXIST' && names !== undefined) return { kind: 'exists' }
    if (['ENOENT', 'EACCES', 'ENOSPC', 'EDQUOT', 'EROFS', 'ENAMETOOLONG', 'ENOTDIR'].includes(errno)) {
      throw localError(error, { does: 'write', path })
    }
    return { kind: 'unknown', cause: error }
  }

  async #writeTemporary(path: string, body: Uint8Array): Promise<TemporaryFile> {
    const folder = dirname(path)
    const temporary = join(folder, `.silt-${this.#random.uuid()}.tmp`)
    try {
      await this.#makeDurable(folder)
      return await writeSynced(temporary, body).catch(async (error: unknown) => {
        if (errnoOf(error) !== 'ENOENT') throw error
        // The folder was removed since it was remembered.
        this.#durable.clear()
        await this.#makeDurable(folder)
        return await writeSynced(temporary, body)
      })
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error)) && !(await isFolder(this.#root)))
        throw noFolderError(this.#root, error)
      throw localError(error, { does: 'write', path })
    }
  }

  /**
   * Makes the folder and fsyncs every folder from it up to the root, once per process: another process may have made
   * one of them and not yet fsynced its parent, and a file is as durable as the weakest folder above it.
   */
  async #makeDurable(folder: string): Promise<void> {
    if (this.#durable.has(folder)) return
    const firstMade = await makeFolder(folder)
    const topMade = firstMade !== undefined && firstMade.length < this.#root.length ? firstMade : this.#root
    for (let each = folder; each.length >= topMade.length; each = dirname(each)) await syncDirectory(each)
    await syncDirectory(dirname(topMade)).catch((error: unknown) => {
      // What lies above the root belongs to others and may be closed to us.
      if (firstMade === topMade || errnoOf(error) !== 'EACCES') throw error
    })
    if (this.#durable.size >= directoriesRememberedMax) this.#durable.clear()
    this.#durable.add(folder)
  }
}

interface TemporaryFile {
  readonly path: string
  readonly modifiedMs: number
}

/**
 * Returns the topmost folder made, undefined when all were there. Not `mkdir` with `recursive`, which never ends where
 * a folder that exists answers ENOENT to a new one (`/proc`).
 */
async function makeFolder(path: string): Promise<string | undefined> {
  const outcome = await makeOneFolder(path)
  if (outcome !== 'no-parent') return outcome === 'made' ? path : undefined
  const topMade = await makeFolder(dirname(path))
  const again = await makeOneFolder(path)
  if (again === 'no-parent') throw Object.assign(new Error(`no folder can be made at ${path}`), { code: 'ENOENT' })
  return topMade ?? (again === 'made' ? path : undefined)
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

async function makeOneFolder(path: string): Promise<'made' | 'exists' | 'no-parent'> {
  try {
    await mkdir(path)
    return 'made'
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return 'exists'
    if (errnoOf(error) === 'ENOENT' && dirname(path) !== path) return 'no-parent'
    throw error
  }
}

async function writeSynced(path: string, body: Uint8Array): Promise<TemporaryFile> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(body)
    await file.sync()
    return { path, modifiedMs: Math.floor((await file.stat()).mtimeMs) }
  } catch (error) {
    await removeQuietly(path)
    throw error
  } finally {
    await file.close()
  }
}

/** The name is taken; only its durability is open. */
async function settle(path: string, storeTimeMs: number): Promise<PutIfAbsentResult> {
  try {
    await syncDirectory(dirname(path))
    return { kind: 'created', storeTimeMs }
  } catch (cause) {
    return { kind: 'unknown', cause }
  }
}

async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open a folder; its file systems journal names by themselves.
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** A left-over temporary file is harmless, so failing to remove one must not hide the outcome of the put. */
async function removeQuietly(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined)
}

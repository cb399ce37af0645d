import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ObjectInfo } from '@silt/core'
import { isAbsence, localError } from './local-errors.ts'
import { isTemporaryName } from './local-write.ts'
import { compareKeys, folderOf, isKey } from './object-key.ts'

export interface LocalListing {
  readonly root: string
  readonly prefix: string
  /** Empty: from the beginning. */
  readonly startAfter: string
  /** Names of one folder held at a time; a larger folder is read again for its next names. */
  readonly pageNamesMax: number
}

const statsAtOnceMax = 32

/** The files below `root` in the order of their keys' UTF-8 bytes; symbolic links and temporary files are not listed. */
export async function* listFolder(listing: LocalListing): AsyncGenerator<ObjectInfo> {
  yield* walk(listing, folderOf(listing.prefix))
}

async function* walk(listing: LocalListing, folder: string): AsyncGenerator<ObjectInfo> {
  let after = ''
  for (;;) {
    const page = await readPage(listing, folder, after)
    const files: string[] = []
    for (const key of page.keys) {
      if (!key.endsWith('/')) {
        files.push(key)
        if (files.length === statsAtOnceMax) yield* await infos(listing.root, files.splice(0))
        continue
      }
      yield* await infos(listing.root, files.splice(0))
      yield* walk(listing, key)
    }
    yield* await infos(listing.root, files)
    const last = page.keys.at(-1)
    if (!page.more || last === undefined) return
    after = last
  }
}

/** The smallest keys after `after` of one folder; those of subfolders end in `/`, which is also how they sort among the files. */
async function readPage(
  listing: LocalListing,
  folder: string,
  after: string,
): Promise<{ keys: string[]; more: boolean }> {
  const keys: string[] = []
  let more = false
  const shrink = (): void => {
    keys.sort(compareKeys)
    if (keys.length <= listing.pageNamesMax) return
    keys.length = listing.pageNamesMax
    more = true
  }
  try {
    for await (const entry of await opendir(join(listing.root, folder))) {
      const key = entry.isDirectory() ? `${folder}${entry.name}/` : folder + entry.name
      const listed = entry.isDirectory()
        ? isKey(key.slice(0, -1))
        : entry.isFile() && isKey(key) && !isTemporaryName(entry.name)
      if (!listed || !wanted(listing, key) || compareKeys(key, after) <= 0) continue
      keys.push(key)
      if (keys.length >= 2 * listing.pageNamesMax) shrink()
    }
  } catch (error) {
    if (!isAbsence(error)) throw localError(error, { does: 'read', path: join(listing.root, folder) })
  }
  shrink()
  return { keys, more }
}

/** Whether a file, or anything below a folder (a key that ends in `/`), can belong to the listing. */
function wanted({ prefix, startAfter }: LocalListing, key: string): boolean {
  const later = compareKeys(key, startAfter) > 0
  if (!key.endsWith('/')) return later && key.startsWith(prefix)
  return (later || startAfter.startsWith(key)) && (key.startsWith(prefix) || prefix.startsWith(key))
}

async function infos(root: string, keys: readonly string[]): Promise<ObjectInfo[]> {
  const found = await Promise.all(keys.map(async (key) => await fileInfo(root, key)))
  return found.filter((info) => info !== undefined)
}

/** Undefined when there is no file of that name (any more). */
export async function fileInfo(root: string, key: string): Promise<ObjectInfo | undefined> {
  try {
    const found = await stat(join(root, key))
    if (!found.isFile()) return undefined
    return { key, sizeBytes: found.size, modifiedMs: Math.floor(found.mtimeMs) }
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw localError(error, { does: 'read', path: join(root, key) })
  }
}

import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openStore } from '@silt/object-store'
import { SiltError, type ObjectStore } from '@silt/core'
import { decodePath, isAbsolutePath } from '@silt/delta'
import type { Settings } from '@silt/config'
import type { Terminal } from '../terminal.ts'
import { s3Settings } from './open-table.ts'
import type { FilePlace } from './rows/row-folder.ts'
import type { TablePlaces } from './rows/table-rows.ts'

/**
 * Where the files of the table at `location` lie: below it, or, where the log has absolute paths (shallow clones), anywhere the same credentials reach.
 * Stores that have to be opened for that are closed by `close`.
 */
export function tablePlaces(
  location: string,
  store: ObjectStore,
  settings: Settings,
  terminal: Terminal,
): TablePlaces & { readonly folders: readonly string[]; close(): Promise<void> } {
  const folder = localFolder(location)
  const opened = new Map<string, ObjectStore>()
  const storeAt = (root: string): ObjectStore => {
    const known = opened.get(root)
    if (known !== undefined) return known
    const fresh = openStore(root, s3Settings({ ...settings, DELTA_TABLE_PATH: root }, terminal), {
      clock: terminal.clock,
      random: terminal.random,
    })
    opened.set(root, fresh)
    return fresh
  }
  const elsewhere = (path: string): FilePlace => {
    const bucket = /^s3[an]?:\/\/([^/]+)\/(.+)$/.exec(path)
    if (bucket !== null) return { store: storeAt(`s3://${bucket[1]}`), key: bucket[2] as string, path: undefined }
    // The log's spelling is decoded: read as a URL once more, a name with a percent or a hash in it would be another's.
    const local = path.replace(/^file:\/*/, '/')
    if (!isAbsolute(local))
      throw new SiltError('unsupported', 'table/outside-reach', `${path} lies neither in S3 nor on this machine`)
    return { store: storeAt(dirname(local)), key: basename(local), path: local }
  }
  return {
    store,
    folders: folder === undefined ? [] : [folder],
    file: (path) => {
      const key = decodePath(path)
      if (isAbsolutePath(path)) return elsewhere(key)
      return { store, key, path: folder === undefined ? undefined : join(folder, key) }
    },
    elsewhere,
    close: async () => {
      for (const each of opened.values()) await each.close()
    },
  }
}

/** The folder a location names; undefined where it lies elsewhere. */
function localFolder(location: string): string | undefined {
  if (location.startsWith('file:')) return fileURLToPath(location.replace(/^file:\/*/, 'file:///'))
  return /^[a-z][a-z0-9+.-]*:/i.test(location) ? undefined : resolve(location)
}

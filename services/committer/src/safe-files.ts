import { dataFilePath, parseUnitTags } from '@silt/contracts'
import { SiltError, type AddFile, type ObjectStore, type Random } from '@silt/core'
import { decodePath, encodePath, type Metadata } from '@silt/delta'
import { putNotBeforeMs } from './file-age.ts'

/**
 * The adds of a record of dead letters, of files that no vacuum takes: one put too long ago (I10a), as its record waited while no committer was there, is
 * put once more under a fresh name. That it is still there proves nothing: a vacuum that read the log before may be about to take it. Copies of a call
 * whose commit fails are files nobody refers to.
 *
 * Errors: `committer/dead-letter-file-lost` (data) where a vacuum took it already; the store's.
 */
export async function safeFiles(
  table: { readonly store: ObjectStore; readonly metadata: Metadata },
  adds: readonly AddFile[],
  version: number,
  random: Random,
): Promise<readonly AddFile[]> {
  const { store, metadata } = table
  const notBeforeMs = putNotBeforeMs([metadata], store.newestAnswerMs()) ?? 0
  const safe: AddFile[] = []
  for (const add of adds)
    safe.push(add.modificationTime >= notBeforeMs ? add : await putAgain(store, add, version, random))
  return safe
}

async function putAgain(store: ObjectStore, add: AddFile, version: number, random: Random): Promise<AddFile> {
  const found = await store.get(decodePath(add.path))
  if (found.kind !== 'found') throw fileLost(store, add, version)
  const path = dataFilePath(parseUnitTags(add.tags)?.unitId ?? random.uuid(), random.uuid(), '')
  const { storeTimeMs } = await store.put(path, found.body)
  return Object.freeze({ ...add, path: encodePath(path), modificationTime: storeTimeMs })
}

function fileLost({ location }: ObjectStore, { path }: AddFile, version: number): SiltError {
  return new SiltError(
    'data',
    'committer/dead-letter-file-lost',
    `${location}/${path} is gone, a vacuum's work perhaps, before version ${version} of the table could put it into the dead-letter table: ` +
      `nothing more is committed until the file is brought back from the bucket's versions or a backup`,
    { context: { version, path } },
  )
}

import { dataFilePath } from '@silt/contracts'
import type { AddFile, Clock, EncodedFile, ObjectStore, Random } from '@silt/core'
import { encodePath, partitionFolder } from '@silt/delta'

export interface PutFilesDeps {
  readonly clock: Clock
  readonly random: Random
  readonly onPut: (bytes: number, ms: number) => void
}

export interface PutFiles {
  readonly adds: readonly AddFile[]
  /** Store clock of the earliest put, ms: none of the files is older (I10a); undefined without files. */
  readonly putAt: number | undefined
}

/** Files of one unit put at the same time, at most. */
const putsAtOnceMax = 4

/**
 * Puts files at their final, fresh names and describes them as adds, in order. What an earlier run of the unit put is not looked for: one run's
 * files are committed, the others' are left to vacuum (I6).
 */
export async function putFiles(
  deps: PutFilesDeps,
  store: ObjectStore,
  files: readonly EncodedFile[],
  unit: { readonly unitId: string; readonly tags: Readonly<Record<string, string>> },
): Promise<PutFiles> {
  const adds: AddFile[] = []
  for (let first = 0; first < files.length; first += putsAtOnceMax) {
    const puts = files.slice(first, first + putsAtOnceMax).map((file) => putFile(deps, store, file, unit))
    const settled = await Promise.allSettled(puts)
    for (const each of settled) {
      if (each.status === 'rejected') throw each.reason
      adds.push(each.value)
    }
  }
  const putAt = adds.length === 0 ? undefined : Math.min(...adds.map((add) => add.modificationTime))
  return { adds, putAt }
}

async function putFile(
  { clock, random, onPut }: PutFilesDeps,
  store: ObjectStore,
  file: EncodedFile,
  unit: { readonly unitId: string; readonly tags: Readonly<Record<string, string>> },
): Promise<AddFile> {
  const path = dataFilePath(unit.unitId, random.uuid(), partitionFolder(file.partitionValues))
  const startMs = clock.monotonicMs()
  const { storeTimeMs } = await store.put(path, file.bytes)
  onPut(file.bytes.byteLength, clock.monotonicMs() - startMs)
  return Object.freeze({
    path: encodePath(path),
    partitionValues: file.partitionValues,
    size: file.bytes.byteLength,
    modificationTime: storeTimeMs,
    dataChange: true,
    stats: file.stats,
    tags: unit.tags,
  })
}

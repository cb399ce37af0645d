import type { ParquetRow } from '@silt/core'
import type { Action, AddAction, Snapshot } from '@silt/delta'
import { isSilts, readRows, removal, sameDescription, writeRows } from './data-files.ts'
import { commitChange, type Decline, type EngineDeps, type EngineOutcome } from './engine.ts'

export interface OptimizeOptions {
  /**
   * `merged`: several files of one partition become one, and their tags are lost, as in Spark's and delta-rs' OPTIMIZE.
   * `kept`: each file is rewritten by itself and its tags are carried along, as by an engine that copies what it does not know.
   */
  readonly tags: 'merged' | 'kept'
  readonly filesMax?: number
}

const filesAtOnceMax = 4

/** Compaction of files of Silt's: the same rows in other files, `dataChange` false. One of them removed meanwhile is a lost race. */
export function optimize(deps: EngineDeps, options: OptimizeOptions): Promise<EngineOutcome> {
  let rewritten: Rewritten | undefined
  return commitChange(deps, async (now, first) => {
    if (!sameDescription(now, first)) return 'lost'
    if (rewritten === undefined) {
      const made = await rewrite(deps, now, options)
      if ('nothing' in made) return made
      rewritten = made
    }
    const { removed, added } = rewritten
    if (removed.some((add) => !now.files.has(add.path))) return 'lost'
    return {
      operation: 'OPTIMIZE',
      operationParameters: { predicate: '[]', zOrderBy: '[]', auto: 'false' },
      actions: [...removed.map((add) => removal(deps, add, false)), ...added.map((add): Action => ({ add }))],
      did: `rewrote ${removed.length} files as ${added.length}, tags ${options.tags}`,
    }
  })
}

interface Rewritten {
  readonly removed: readonly AddAction[]
  readonly added: readonly AddAction[]
}

async function rewrite(
  deps: EngineDeps,
  now: Snapshot,
  options: OptimizeOptions,
): Promise<Rewritten | Exclude<Decline, 'lost'>> {
  const removed = chooseFiles(deps, now, options)
  if (removed.length === 0) return { nothing: 'too few files' }
  const rows: (readonly ParquetRow[])[] = []
  for (const add of removed) {
    const read = await readRows(deps, add)
    if (read === undefined) return { nothing: `${add.path} is gone` }
    rows.push(read)
  }
  const added: AddAction[] = []
  const { partitionValues = {} } = removed[0] ?? {}
  if (options.tags === 'merged') {
    added.push(await writeRows(deps, now, rows.flat(), { partitionValues, dataChange: false }))
  } else {
    for (const [index, { partitionValues: values, tags }] of removed.entries()) {
      const add = await writeRows(deps, now, rows[index] ?? [], { partitionValues: values, dataChange: false })
      added.push(tags === undefined ? add : { ...add, tags })
    }
  }
  return { removed, added }
}

/** Neighbours of one partition value, from a random place on. */
function chooseFiles(deps: EngineDeps, now: Snapshot, options: OptimizeOptions): readonly AddAction[] {
  const filesMax = options.filesMax ?? filesAtOnceMax
  const filesMin = options.tags === 'merged' ? 2 : 1
  const groups = new Map<string, AddAction[]>()
  for (const add of now.files.values()) {
    if (!isSilts(add)) continue
    const partition = JSON.stringify(add.partitionValues)
    groups.set(partition, [...(groups.get(partition) ?? []), add])
  }
  const candidates = [...groups.values()].filter((files) => files.length >= filesMin)
  const files = candidates[Math.floor(deps.random.next() * candidates.length)] ?? []
  const from = Math.floor(deps.random.next() * (files.length - filesMin + 1))
  return files.slice(from, from + filesMax)
}

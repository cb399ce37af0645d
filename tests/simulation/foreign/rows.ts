import type { ParquetRow } from '@silt/core'
import type { AddAction, Snapshot } from '@silt/delta'
import { isSilts, pick, readRows, removal, sameDescription, writeRows } from './data-files.ts'
import { commitChange, type EngineDeps, type EngineOutcome } from './engine.ts'

/**
 * A blind append of `rows` rows of this engine's own, without provenance. `appId`: with a `txn` of its own, counted up.
 * A table described otherwise since the file was written is a lost race, as in Spark.
 */
export function append(
  deps: EngineDeps,
  options: { readonly rows: number; readonly appId?: string },
): Promise<EngineOutcome> {
  const { rows, appId } = options
  let written: AddAction | undefined
  return commitChange(deps, async (now, first) => {
    if (!sameDescription(now, first)) return 'lost'
    written ??= await writeOwnRows(deps, now, rows)
    const lastUpdated = deps.clock.nowMs()
    const txns = appId === undefined ? [] : [{ txn: { appId, version: (now.txns.get(appId) ?? 0) + 1, lastUpdated } }]
    return {
      operation: 'WRITE',
      operationParameters: { mode: 'Append', partitionBy: JSON.stringify(now.metadata.partitionColumns) },
      isBlindAppend: true,
      actions: [...txns, { add: written }],
      did: `appended ${rows} rows`,
    }
  })
}

/** Replaces all rows by one of this engine's own. Silt's are gone, its progress stays: the table is to be parked (I12). */
export function overwrite(deps: EngineDeps): Promise<EngineOutcome> {
  let written: AddAction | undefined
  return commitChange(deps, async (now, first) => {
    if (!sameDescription(now, first)) return 'lost'
    written ??= await writeOwnRows(deps, now, 1)
    return {
      operation: 'WRITE',
      operationParameters: { mode: 'Overwrite', partitionBy: JSON.stringify(now.metadata.partitionColumns) },
      actions: [...[...now.files.values()].map((add) => removal(deps, add, true)), { add: written }],
      did: `replaced ${now.files.size} files`,
    }
  })
}

/**
 * DELETE of one file's rows, a file of Silt's if there is one. `whole`: all of them, the file goes. `part`: every second one, the rest is written
 * anew, as copy-on-write does. The audit reports what is missing as removed by others.
 */
export function deleteRows(deps: EngineDeps, extent: 'whole' | 'part'): Promise<EngineOutcome> {
  let chosen: { readonly add: AddAction; readonly kept: AddAction | undefined } | undefined
  return commitChange(deps, async (now, first) => {
    if (!sameDescription(now, first)) return 'lost'
    chosen ??= await chooseRows(deps, now, extent)
    if (chosen === undefined) return { nothing: 'no file to delete from' }
    const { add, kept } = chosen
    if (!now.files.has(add.path)) return 'lost'
    return {
      operation: 'DELETE',
      operationParameters: { predicate: '["some"]' },
      actions: [removal(deps, add, true), ...(kept === undefined ? [] : [{ add: kept }])],
      did: `deleted ${extent} of ${add.path}`,
    }
  })
}

async function chooseRows(
  deps: EngineDeps,
  now: Snapshot,
  extent: 'whole' | 'part',
): Promise<{ readonly add: AddAction; readonly kept: AddAction | undefined } | undefined> {
  const live = [...now.files.values()]
  const add = pick(deps, live.some(isSilts) ? live.filter(isSilts) : live)
  if (add === undefined) return undefined
  if (extent === 'whole') return { add, kept: undefined }
  const rows = await readRows(deps, add)
  if (rows === undefined) return undefined
  const rest = rows.filter((_, index) => index % 2 === 1)
  const { partitionValues } = add
  const kept = rest.length === 0 ? undefined : await writeRows(deps, now, rest, { partitionValues, dataChange: true })
  return { add, kept }
}

async function writeOwnRows(deps: EngineDeps, now: Snapshot, count: number): Promise<AddAction> {
  const nowMs = deps.clock.nowMs()
  const own: ParquetRow = { timestamp: BigInt(Math.floor(nowMs)) * 1000n, channel: 'theirs', event_type: 'import' }
  const rows = Array.from({ length: count }, () => own)
  const date = new Date(nowMs).toISOString().slice(0, 10)
  const partitionValues = Object.fromEntries(now.metadata.partitionColumns.map((column) => [column, date]))
  return writeRows(deps, now, rows, { partitionValues, dataChange: true })
}

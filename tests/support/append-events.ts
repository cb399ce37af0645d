import { encodeCommitJob, parseCommitJob, type UnitCommitJob, type WriteJob } from '@silt/contracts'
import { sha256Hex, systemClock, systemRandom, type EncodeSpec, type ObjectStore } from '@silt/core'
import {
  commitEntry,
  commitInfo,
  completeCommit,
  layoutDigest,
  loadState,
  requireWritable,
  tableLayout,
  type TableState,
} from '@silt/delta'
import { judgeRowRules } from '@silt/rows'
import { HyparquetReader } from '@silt/parquet'
import { InlineEncoder } from '@silt/writer/testing'
import {
  adopt,
  AnyWidthEncoder,
  commitActions,
  judgeUnit,
  ledgerTable,
  PlaneEncoder,
  putFiles,
  widenedSchema,
} from './append-parts.ts'
import { slabOf } from '../../shared/rows/test/slab.ts'

const topic = 'appended'
const topicId = 'log-1'
const columnsMax = 500

/**
 * Silt's way into a table without its processes: adopts it, encodes one unit of these events as a writer's threads do, puts its files and commits them as
 * the committer does, each as a version of its own. Answers the version before and after; throws what refuses the table.
 */
export async function appendEvents(
  store: ObjectStore,
  events: readonly string[],
): Promise<{ readonly before: number; readonly after: TableState; readonly job: UnitCommitJob }> {
  const found = await stateOf(store)
  requireWritable(found, judgeRowRules)
  const view = { topic, partitions: [{ partition: 0, topicId }], ends: [] }
  const adoption = adopt(view, new Map([[0, 0]]), 'earliest', 'a test', found)
  await commit(store, found, (token) => [
    commitInfo({ timestampMs: systemClock.nowMs(), operation: adoption.operation, engineInfo: 'silt/test', token }),
    ...adoption.actions,
  ])
  const adopted = await stateOf(store)
  const job = await unitOf(store, adopted, events)
  await commitUnit(store, adopted, job)
  return { before: found.version, after: await stateOf(store), job }
}

/** One more unit from where the table's progress stands, under the state as given, which another engine may have changed since. */
export async function unitOf(store: ObjectStore, state: TableState, events: readonly string[]): Promise<UnitCommitJob> {
  const start = state.txns.get(`silt:${topic}:${topicId}:0`) ?? 0
  const spec: EncodeSpec = {
    topic,
    topicId,
    cutAtMs: 1_750_000_000_000,
    failedAtMs: 1_750_000_000_000,
    schema: state.schema,
    partitionColumns: state.metadata.partitionColumns,
    layout: tableLayout(state),
    evolution: 'add',
    columnsMax,
    recordBytesMax: 1024 * 1024,
  }
  const plane = new PlaneEncoder()
  const encoder = new AnyWidthEncoder(plane, () => Promise.resolve(new InlineEncoder()))
  const session = await encoder.open(spec)
  await session.push(slabOf(events, { start }))
  const range = { partition: 0, start, endExclusive: start + events.length }
  const unit = await session.finish([range])
  await encoder.close()
  const unitId = sha256Hex(`${store.location}:${start}`).slice(0, 16)
  const putDeps = { clock: systemClock, random: systemRandom, onPut: () => undefined }
  const put = await putFiles(putDeps, store, unit.files, { unitId, tags: {} })
  const layout = layoutDigest(tableLayout(state))
  const job: UnitCommitJob & Pick<WriteJob, 'v'> = {
    v: 1,
    kind: 'unit',
    tableId: state.metadata.id,
    topic,
    topicId,
    unitId,
    ranges: unit.counts.map((counts) => ({ ...counts, restart: 0 })),
    full: true,
    cutAtMs: spec.cutAtMs,
    schema: unit.schema,
    ...(layout === undefined ? {} : { layout }),
    adds: put.adds,
    deadLetterAdds: [],
    putAt: Math.floor(put.putAt ?? 0),
  }
  return parseCommitJob(encodeCommitJob(job)) as UnitCommitJob
}

/** Throws the verdict where the ledger does not take the unit. */
export async function commitUnit(store: ObjectStore, state: TableState, job: UnitCommitJob): Promise<void> {
  const table = ledgerTable(state, columnsMax)
  const verdict = judgeUnit(job, table)
  if (verdict.kind !== 'ready') throw new Error(`the unit is not taken: ${JSON.stringify(verdict)}`)
  const schema = widenedSchema(state.schema, job.schema, table) ?? state.schema
  const held = { job, arrivedMs: 0, arrivedReading: 0, end: { answer: () => undefined, giveBack: () => undefined } }
  const group = { units: [held], starts: [], schema }
  await commit(store, state, (token) => commitActions(state, group, { token, wallMs: systemClock.nowMs() }))
}

export async function stateOf(store: ObjectStore): Promise<TableState> {
  const state = await loadState(store, new HyparquetReader())
  if (state === undefined) throw new Error(`there is no table at ${store.location}`)
  return state
}

/** The actions, completed, as the version after `state`; throws where another came first. */
async function commit(
  store: ObjectStore,
  state: TableState,
  actionsOf: (token: string) => Parameters<typeof completeCommit>[1],
): Promise<void> {
  const token = systemRandom.uuid()
  const actions = completeCommit(state, actionsOf(token), systemClock.nowMs())
  const outcome = await commitEntry(store, { version: state.version + 1, actions, token, readBack: false })
  if (outcome.kind !== 'committed') throw new Error(`version ${state.version + 1} ended as ${outcome.kind}`)
}

import { readFileSync, writeFileSync } from 'node:fs'
import { systemClock, systemRandom } from '@silt/core'
import {
  applyActions,
  commitEntry,
  commitInfo,
  loadSnapshot,
  loadState,
  refreshSnapshot,
  writeCheckpoint,
  type TableState,
} from '@silt/delta'
import { openStore, type S3Settings } from '@silt/object-store'
import { HyparquetReader, StreamedParquetWriter } from '@silt/parquet'

// What Silt takes for one thing done to a table, after doing it once to a small one. Prints ms, one a round, as JSON.
//
//     measure-silt.ts load|refresh|commit|checkpoint TABLE SMALL_TABLE ROUNDS

const [what, folder, small, rounds] = process.argv.slice(2) as [string, string, string, string]
const reader = new HyparquetReader()

async function taken(path: string, count: number): Promise<number[]> {
  const store = openStore(path, {} as S3Settings, { clock: systemClock, random: systemRandom })
  const times: number[] = []
  const timed = async (work: () => Promise<unknown>): Promise<void> => {
    const began = performance.now()
    await work()
    times.push(performance.now() - began)
  }
  if (what === 'load') for (let round = 0; round < count; round++) await timed(() => loadSnapshot(store, reader))
  if (what === 'refresh') {
    let snapshot = await loadSnapshot(store, reader)
    for (let round = 0; round < count; round++) {
      appendByOther(path, snapshot.version + 1)
      await timed(async () => (snapshot = await refreshSnapshot(store, reader, snapshot)))
    }
  }
  if (what === 'commit') {
    let state = await loadState(store, reader)
    for (let round = 0; round < count; round++)
      await timed(async () => (state = state && (await committed(store, state, `${process.pid}-${round}`))))
  }
  if (what === 'checkpoint')
    for (let round = 0; round < count; round++) {
      // One more version each time: of the newest there may be a checkpoint.
      const next = ((await loadState(store, reader))?.version ?? 0) + 1
      appendByOther(path, next)
      await timed(() => writeCheckpoint(store, reader, new StreamedParquetWriter(), next))
    }
  await store.close()
  return times
}

async function committed(store: ReturnType<typeof openStore>, state: TableState, token: string): Promise<TableState> {
  const version = state.version + 1
  const info = commitInfo({ timestampMs: Date.now(), operation: 'STREAMING UPDATE', engineInfo: 'silt/bench', token })
  const partitionValues = { date: '2024-01-01' }
  const stats = '{"numRecords":1}'
  const path = `date=2024-01-01/new-${token}.parquet`
  const add = { path, partitionValues, size: 1000, modificationTime: Date.now(), dataChange: true, stats }
  const actions = [info, { add }]
  const outcome = await commitEntry(store, { version, actions, token, readBack: false })
  if (outcome.kind !== 'committed') throw new Error(`version ${version} ended as ${outcome.kind}`)
  return applyActions(state, { version, actions })
}

function appendByOther(path: string, version: number): void {
  const partitionValues = { date: '2024-01-01' }
  const add = { path: `other-${version}`, partitionValues, size: 10, modificationTime: 1, dataChange: true }
  writeFileSync(`${path}/_delta_log/${String(version).padStart(20, '0')}.json`, `${JSON.stringify({ add })}\n`)
}

await taken(small, 1)
const times = await taken(folder, Number(rounds))
const peakMiB = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024
console.log(JSON.stringify({ times, peakMiB }))

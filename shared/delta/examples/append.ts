import { randomUUID } from 'node:crypto'
import {
  checkpointDue,
  commitEntry,
  commitInfo,
  completeCommit,
  encodePath,
  loadState,
  requireWritable,
  writeCheckpoint,
  type Action,
} from '@silt/delta'
import { footerRowCount, localTable, parquetReader, parquetWriter } from '@silt/delta/node'

const [, , folder = '.', file = ''] = process.argv
const store = localTable(folder)
const found = await store.get(file)
if (found.kind === 'missing') throw new Error(`${file} is not in ${folder}; write it there first`)

const add = {
  path: encodePath(file),
  partitionValues: {},
  size: found.body.byteLength,
  modificationTime: Date.now(),
  dataChange: true,
  stats: JSON.stringify({ numRecords: await footerRowCount(found.body) }),
}

// One application id a file: whoever is asked twice, or dies after the commit, finds that the file is in.
const appId = `append/${file}`
for (;;) {
  const state = await loadState(store, parquetReader)
  if (state === undefined) throw new Error(`${folder} holds no table`)
  if (state.txns.has(appId)) {
    console.log(`${file} is in the table, of version ${state.version} now`)
    break
  }
  requireWritable(state)
  if (state.metadata.partitionColumns.length > 0)
    throw new Error(
      `${folder} is partitioned: its files name a value of each partition column, which this example does not`,
    )

  // Fresh for every attempt: where the answer is lost, it tells whose commit landed.
  const token = randomUUID()
  const info = commitInfo({ timestampMs: Date.now(), operation: 'WRITE', engineInfo: 'example/1', token })
  const actions: Action[] = [info, { add }, { txn: { appId, version: 0 } }]
  const version = state.version + 1
  const completed = completeCommit(state, actions, Date.now())
  const outcome = await commitEntry(store, { version, actions: completed, token, readBack: true })
  console.log(`version ${version}: ${outcome.kind}`)

  // After anything but `committed` only the log knows: load it, and look for our txn.
  if (outcome.kind !== 'committed') continue
  const after = await loadState(store, parquetReader)
  if (after !== undefined && checkpointDue(after)) await writeCheckpoint(store, parquetReader, parquetWriter, version)
}

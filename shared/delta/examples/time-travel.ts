import { history, loadSnapshot } from '@silt/delta'
import { localTable, parquetReader } from '@silt/delta/node'

const [, , folder = '.', when = '0'] = process.argv
const store = localTable(folder)
const at = /^\d+$/.test(when) ? { version: Number(when) } : { timestampMs: Date.parse(when) }
if ('timestampMs' in at && Number.isNaN(at.timestampMs)) throw new Error(`${when} is no version and no ISO time`)
const snapshot = await loadSnapshot(store, parquetReader, at)
console.log(`as of ${when}: version ${snapshot.version}, ${snapshot.files.size} files`)

for (const { version, timestampMs, commitInfo } of await history(store, { limit: 10 })) {
  const time = timestampMs === undefined ? 'some time' : new Date(timestampMs).toISOString()
  console.log(`version ${version}: ${commitInfo?.operation ?? 'unnamed'} at ${time}`)
}

import { setTimeout as delay } from 'node:timers/promises'
import { followedTable } from '@silt/delta'
import { localTable, parquetReader } from '@silt/delta/node'

const [, , folder = '.', until = '1'] = process.argv
const table = followedTable({
  store: localTable(folder),
  parquetReader,
  steadyNowMs: () => performance.now(),
  clock: { nowMs: () => Date.now() },
})

let seen: number | undefined
while (seen === undefined || seen < Number(until)) {
  await table.refresh()
  if (table.state === undefined) throw new Error(`${folder} holds no table`)
  if (table.state.version !== seen) console.log(`version ${table.state.version}`)
  seen = table.state.version
  await delay(100)
}

import type { Log, ObjectStore } from '@silt/core'
import { ManualClock, silentLog } from '@silt/core/testing'
import { checksumOf, loadSnapshot, type Action, type VersionChecksum } from '@silt/delta'
import { MemoryStore } from '@silt/object-store'
import { beforeEach, describe, expect, it } from 'vitest'
import type { TableLogWatch } from '../src/table-log.ts'
import { tellLogProblems, VersionChecksums } from '../src/version-checksums.ts'
import { auditLogs } from './support/audit.ts'
import { newBegunWorld } from './support/begun-world.ts'
import { unitJob } from './support/jobs.ts'
import { foreignCommit, noParquet, openCommitter, stateOf, type World } from './support/world.ts'

let world: World
beforeEach(async () => {
  world = await newBegunWorld()
})

const crcKey = (version: number): string => `_delta_log/${String(version).padStart(20, '0')}.crc`

async function crcAt(store: ObjectStore, version: number): Promise<unknown> {
  const found = await store.get(crcKey(version))
  return found.kind === 'missing' ? undefined : JSON.parse(new TextDecoder().decode(found.body))
}

/** What the files of the version themselves amount to. */
async function counted(store: ObjectStore, version: number): Promise<VersionChecksum | undefined> {
  return checksumOf(await loadSnapshot(store, noParquet, { version }))
}

function watchOf(log: Log = silentLog): TableLogWatch & { readonly checksums: VersionChecksums } {
  const checksums = new VersionChecksums(log)
  return {
    checksums,
    committed: (store, state, token) => checksums.start(store, state, token),
    loaded: (location, state) => tellLogProblems(log, location, state),
  }
}

const removal = (path: string): Action => ({
  remove: { path, deletionTimestamp: 1, dataChange: false, size: 100 },
})

describe('version checksums', () => {
  it('stand beside every version this process commits, of both tables, as their files amount to', async () => {
    const committer = await openCommitter(world, { watch: watchOf() })
    void committer.submit(unitJob(world.tableId, [[0, 0, 5]], { full: true, deadLetters: 1 }))
    await world.clock.advance(500)
    void committer.submit(unitJob(world.tableId, [[0, 5, 9]], { full: true }))
    await world.clock.advance(500)
    expect(committer.ends).toEqual(['committed', 'committed'])
    const { version } = await stateOf(world.main)
    for (const each of [version - 1, version]) {
      const said = await crcAt(world.main, each)
      expect(said).toMatchObject(JSON.parse(JSON.stringify(await counted(world.main, each))) as object)
      expect(said).toHaveProperty('txnId')
    }
    expect(await crcAt(world.deadLetters, 1)).toMatchObject({ numFiles: 1, tableSizeBytes: 100 })
    await auditLogs(world.main, world.deadLetters)
  })

  it('end where another engine took files away, until the files have been counted, and are right again then', async () => {
    const committer = await openCommitter(world, { watch: watchOf() })
    const job = unitJob(world.tableId, [[0, 0, 5]], { full: true })
    void committer.submit(job)
    await world.clock.advance(500)
    const compacted = { path: 'theirs', partitionValues: {}, size: 90, modificationTime: 1, dataChange: false }
    const rearranged = [removal(job.adds[0]?.path ?? ''), { add: compacted }]
    const foreign = await foreignCommit(world.main, world.clock, { operation: 'OPTIMIZE' }, rearranged)
    void committer.submit(unitJob(world.tableId, [[0, 5, 7]], { full: true }))
    await world.clock.advance(500)
    expect(await crcAt(world.main, foreign)).toBeUndefined()
    expect(await crcAt(world.main, foreign + 1)).toBeUndefined()
    const { files } = await loadSnapshot(world.main, noParquet, { version: foreign })
    expect(files.size).toBe(1)
    committer.stand.main.noteTally(foreign, { files: files.size, bytes: 90 })
    void committer.submit(unitJob(world.tableId, [[0, 7, 9]], { full: true }))
    await world.clock.advance(500)
    expect(await crcAt(world.main, foreign + 2)).toMatchObject({ numFiles: 3, tableSizeBytes: 290 })
    expect(await crcAt(world.main, foreign + 2)).toMatchObject(
      JSON.parse(JSON.stringify(await counted(world.main, foreign + 2))) as object,
    )
  })

  it('that cannot be written keep no commit back, and are told of once', async () => {
    const warnings: unknown[] = []
    const log = { ...silentLog, warn: (fields: unknown) => void warnings.push(fields) }
    const put = world.main.putIfAbsent.bind(world.main)
    world.main.putIfAbsent = (key, body) => (key.endsWith('.crc') ? Promise.reject(new Error('away')) : put(key, body))
    const committer = await openCommitter(world, { watch: watchOf(log) })
    void committer.submit(unitJob(world.tableId, [[0, 0, 5]], { full: true }))
    await world.clock.advance(500)
    void committer.submit(unitJob(world.tableId, [[0, 5, 9]], { full: true }))
    await world.clock.advance(500)
    expect(committer.ends).toEqual(['committed', 'committed'])
    expect(warnings).toHaveLength(1)
  })

  it('are put a few at a time, never waited for by a commit, and for a moment at the end', async () => {
    const clock = new ManualClock()
    const puts: string[] = []
    const store = new MemoryStore({ clock })
    store.putIfAbsent = (key) => {
      puts.push(key)
      return new Promise<never>(() => undefined)
    }
    const checksums = new VersionChecksums(silentLog)
    const state = { ...(await stateOf(world.main)), tally: { files: 1, bytes: 1 } }
    for (let version = 1; version <= 9; version++) checksums.start(store, { ...state, version }, 't')
    expect(puts).toEqual([1, 2, 3, 4].map(crcKey))
    let isOver = false
    void checksums.settled(clock, 1000).then(() => {
      isOver = true
    })
    await clock.advance(999)
    expect(isOver).toBe(false)
    await clock.advance(2)
    expect(isOver).toBe(true)
  })

  it('that say otherwise than the log are told of when the table is opened', async () => {
    const warnings: unknown[] = []
    const log = { ...silentLog, warn: (fields: unknown) => void warnings.push(fields) }
    const { version } = await stateOf(world.main)
    const wrong = { ...(await counted(world.main, version)), numFiles: 7 }
    await world.main.put(crcKey(version), new TextEncoder().encode(JSON.stringify(wrong)))
    await openCommitter(world, { watch: watchOf(log) })
    expect(warnings).toEqual([
      expect.objectContaining({ code: 'delta/checksum-differs', problems: ['numFiles is 7, the log amounts to 0'] }),
    ])
  })

  it('are not all that is told of: so are checkpoints that cannot be read', async () => {
    const warnings: unknown[] = []
    const log = { ...silentLog, warn: (fields: unknown) => void warnings.push(fields) }
    const checkpoint = '_delta_log/00000000000000000000.checkpoint.parquet'
    await world.main.put(checkpoint, new TextEncoder().encode('torn'))
    await openCommitter(world, { watch: watchOf(log) })
    expect(warnings).toEqual([expect.objectContaining({ code: 'delta/broken-log', checkpoints: [checkpoint] })])
  })
})

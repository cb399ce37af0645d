import { parseCommitRecord, pauseOf, pausingTxns, releasingTxns } from '@silt/contracts'
import { seededRandom } from '@silt/core'
import { commitEntry, commitInfo, commitInfoOf, loadState, writeCheckpoint } from '@silt/delta'
import type { FaultPlan } from '@silt/object-store/testing'
import { HyparquetReader, StreamedParquetWriter } from '@silt/parquet'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { auditLogs } from './support/audit.ts'
import { newBegunWorld } from './support/begun-world.ts'
import { CleanableStore } from './support/cleanable-store.ts'
import { unitJob, type UnitShape } from './support/jobs.ts'
import { logOf, noParquet, openCommitter, stateOf, type World } from './support/world.ts'

let world: World
beforeEach(async () => {
  world = await newBegunWorld()
})

const unit = (ranges: readonly (readonly [number, number, number])[], shape?: UnitShape) =>
  unitJob(world.tableId, ranges, { full: true, putAt: world.clock.nowMs(), ...shape })
const commitVersion = async (): Promise<number> => (await stateOf(world.main)).version

/** An operator's decision, as the command line commits it; `lost` where another commit came first. */
async function decide(kind: 'pause' | 'unpause'): Promise<'committed' | 'lost'> {
  const state = await loadState(world.main, noParquet)
  if (state === undefined) throw new Error('no table')
  const version = state.version + 1
  const txns = kind === 'pause' ? pausingTxns(state.txns, version, world.clock.nowMs()) : releasingTxns(version)
  const silt = { v: 1, units: [], deadLetters: [], decisions: [{ kind, reason: '', by: 'me' }] }
  const token = `${kind}-${version}-${world.random.uuid()}`
  const info = commitInfo({ timestampMs: 1, operation: 'SILT', engineInfo: 'silt/0', token, silt })
  const actions = [info, ...[...txns].map(([appId, next]) => ({ txn: { appId, version: next } }))]
  const outcome = await commitEntry(world.main, { version, actions, token, readBack: false })
  return outcome.kind === 'committed' ? 'committed' : 'lost'
}

describe('a paused table', () => {
  it('takes no unit, says so while ready, and takes what waited within a poll of its release', async () => {
    const committer = await openCommitter(world)
    await decide('pause')
    const paused = await commitVersion()
    void committer.submit(unit([[0, 0, 5]]))
    void committer.submit(unit([[1, 0, 5]], { full: false }))
    await world.clock.advance(600_000)
    expect([committer.ends, await commitVersion()]).toEqual([[], paused])
    expect(committer.readiness.at(-1)).toMatchObject({ ready: true })
    expect(committer.readiness.at(-1)?.detail).toContain(`(version ${paused}): nothing is cut or committed until silt`)
    await decide('unpause')
    await world.clock.advance(2500)
    expect(committer.ends).toEqual(['committed', 'committed'])
    expect(committer.readiness.at(-1)).toEqual({ ready: true, detail: '' })
    await auditLogs(world.main, world.deadLetters)
  })

  it('is paused by a commit that wins the version a unit was about to take', async () => {
    const committer = await openCommitter(world)
    // The committer believes the version before the pause to be the newest.
    await decide('pause')
    const paused = await commitVersion()
    void committer.submit(unit([[0, 0, 5]]))
    await world.clock.advance(10_000)
    expect([committer.ends, await commitVersion()]).toEqual([[], paused])
  })

  it('stays paused for a committer that starts anew, and gives jobs back when it stops', async () => {
    const first = await openCommitter(world)
    await decide('pause')
    void first.submit(unit([[0, 0, 5]]))
    await world.clock.advance(5000)
    first.drain()
    await first.done
    expect(first.ends).toEqual(['committer/stopped'])
    const second = await openCommitter(world)
    expect(second.readiness.at(-1)?.detail).toContain('paused')
    void second.submit(unit([[0, 0, 5]]))
    await world.clock.advance(60_000)
    expect(second.ends).toEqual([])
    await decide('unpause')
    await world.clock.advance(2500)
    expect(second.ends).toEqual(['committed'])
    await auditLogs(world.main, world.deadLetters)
  })

  it('is paused for one that sees a checkpoint only, the commits before it being cleaned away', async () => {
    const [parquetReader, parquetWriter] = [new HyparquetReader(), new StreamedParquetWriter()]
    const store = new CleanableStore(world.main)
    await decide('pause')
    const paused = await commitVersion()
    await writeCheckpoint(store, parquetReader, parquetWriter, paused)
    await store.clean((key) => /\/\d{20}\.json$/.test(key))
    const state = await stateOf(store, parquetReader)
    expect(pauseOf(state.txns)).toEqual({ version: paused, sinceMs: world.clock.nowMs() })
    const committer = await openCommitter(world, {
      stores: { main: store, deadLetters: world.deadLetters },
      parquetReader,
    })
    expect(committer.readiness.at(-1)?.detail).toContain('paused')
    void committer.submit(unit([[0, 0, 5]]))
    await world.clock.advance(30_000)
    expect(committer.ends).toEqual([])
  })

  it('still gets the dead letters its last version recorded: their table is never behind for as long as a pause', async () => {
    const failPuts: FaultPlan = (call) => (call.operation === 'putIfAbsent' ? { kind: 'fail-before' } : undefined)
    const committer = await openCommitter(world, { deadLetters: failPuts })
    void committer.submit(unit([[0, 0, 5]], { deadLetters: 2 }))
    await world.clock.advance(10)
    expect(committer.ends).toEqual(['committed'])
    committer.stop()
    await world.clock.advance(10_000)
    await committer.done
    await decide('pause')
    const second = await openCommitter(world)
    await world.clock.advance(5000)
    await auditLogs(world.main, world.deadLetters)
    expect((await stateOf(world.deadLetters)).version).toBe(1)
    second.stop()
  })

  it('drops what became too old meanwhile, to be planned again', async () => {
    const committer = await openCommitter(world)
    await decide('pause')
    void committer.submit(unit([[0, 0, 5]]))
    await world.clock.advance(2 * 3_600_000)
    await decide('unpause')
    await world.clock.advance(2500)
    expect(committer.ends).toEqual(['stale'])
  })
})

test('two committers, pauses and releases at any moment: no unit is ever committed while the table is paused, none lost or doubled', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    world = await newBegunWorld()
    const random = seededRandom(seed)
    const committers = [await openCommitter(world), await openCommitter(world)]
    let start = 0
    for (let step = 0; step < 30; step++) {
      const roll = random.next()
      if (roll < 0.25) await decide(random.next() < 0.5 ? 'pause' : 'unpause')
      else if (roll < 0.6) {
        const job = unit([[0, start, start + 3]])
        for (const committer of committers) if (random.next() < 0.7) void committer.submit(job)
        start += 3
      } else if (roll < 0.7) {
        const at = random.next() < 0.5 ? 0 : 1
        committers[at]?.stop()
        await committers[at]?.done
        committers[at] = await openCommitter(world)
      } else await world.clock.advance(Math.floor(random.next() * 3000))
    }
    await decide('unpause')
    await world.clock.advance(10_000)
    for (const each of committers) each.stop()
    await auditLogs(world.main, world.deadLetters)
    const txns = new Map<string, number>()
    for (const entry of await logOf(world.main)) {
      const units = parseCommitRecord(commitInfoOf(entry.actions)?.silt)?.units.length ?? 0
      if (units > 0) expect(pauseOf(txns), `seed ${seed}, version ${entry.version}`).toBeUndefined()
      for (const action of entry.actions) if ('txn' in action) txns.set(action.txn.appId, action.txn.version)
    }
  }
}, 60_000)

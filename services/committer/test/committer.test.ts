import { encodeCommitJob, parseCommitNotice, type CommitJob, type CommitNotice } from '@silt/contracts'
import { seededRandom, type JobQueue, type Metrics } from '@silt/core'
import { noMetrics, silentLog } from '@silt/core/testing'
import { MemoryQueueProvider } from '@silt/queue'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Checkpointer } from '../src/checkpoints.ts'
import { runCommitter } from '../src/committer.ts'
import type { Readiness } from '../src/table-stand.ts'
import { auditLogs } from './support/audit.ts'
import { startJob, unitJob } from './support/jobs.ts'
import { newWorld, noParquet, options, stateOf, type World } from './support/world.ts'

let world: World
let provider: MemoryQueueProvider
let queue: JobQueue
let notices: Map<string, CommitNotice>
let seeds = 1
beforeEach(async () => {
  world = await newWorld()
  provider = new MemoryQueueProvider({ clock: world.clock })
  queue = provider.open('silt-events-commit-v1')
  notices = new Map()
  queue.onResult((id, result) => notices.set(id, parseCommitNotice(result)))
})

interface Running {
  readonly shutdown: AbortController
  readonly done: Promise<void>
  readonly readiness: Readiness[]
  readonly active: number[]
}

function start(given: { readonly checkpointer?: Checkpointer } = {}): Running {
  const shutdown = new AbortController()
  const readiness: Readiness[] = []
  const active: number[] = []
  const metrics: Metrics = {
    ...noMetrics,
    gauge: (name, _labels, value) => void (name === 'silt_committer_active' && active.push(value)),
  }
  const deps = {
    store: world.main,
    deadLetterStore: world.deadLetters,
    queues: [queue],
    lease: provider.lease('silt-events-committer'),
    parquetReader: noParquet,
    checkpointer: given.checkpointer ?? {
      write: () => Promise.resolve(),
      measure: () => Promise.reject(new Error('nothing to count')),
      close: () => Promise.resolve(),
    },
    clock: world.clock,
    random: seededRandom(seeds++),
    log: silentLog,
    metrics,
    onReadiness: (each: Readiness) => readiness.push(each),
  }
  return { shutdown, done: runCommitter(deps, options, shutdown.signal), readiness, active }
}

const add = (id: string, job: CommitJob): Promise<void> => queue.add({ id, data: encodeCommitJob(job) })
const unit = (start: number, end: number) => unitJob(world.tableId, [[0, start, end]], { full: true })
const end = async (...running: readonly Running[]): Promise<void> => {
  for (const each of running) each.shutdown.abort()
  await world.clock.advance(30_000)
  await Promise.all(running.map((each) => each.done))
}

describe('a committer', () => {
  it('takes over a table that is there by loading it once, and its dead letters once', async () => {
    const [main, deadLetters] = [vi.spyOn(world.main, 'list'), vi.spyOn(world.deadLetters, 'list')]
    const running = start()
    await world.clock.advance(100)
    expect(running.active).toEqual([0, 1])
    expect([main.mock.calls.length, deadLetters.mock.calls.length]).toEqual([1, 1])
    await end(running)
  })

  it('takes jobs from the queue and answers with notices', async () => {
    const running = start()
    await add('s', startJob(world.tableId, 0))
    await world.clock.advance(100)
    await add('u', unit(0, 5))
    await world.clock.advance(100)
    expect(notices.get('s')).toMatchObject({ outcome: 'committed', txn: { '0': 0 } })
    expect(notices.get('u')).toMatchObject({ outcome: 'committed', txn: { '0': 5 }, version: 2 })
    await end(running)
    expect(running.active.at(-1)).toBe(0)
    await auditLogs(world.main, world.deadLetters)
  })

  it('refuses a malformed job, and leaves a newer one in the queue', async () => {
    const running = start()
    await queue.add({ id: 'broken', data: { v: 1, kind: 'unit' } })
    await queue.add({ id: 'newer', data: { v: 2, kind: 'unit' } })
    await world.clock.advance(1000)
    expect(notices.get('broken')).toMatchObject({ outcome: 'refused' })
    expect(notices.has('newer')).toBe(false)
    const depth = await queue.depth()
    expect(depth.waiting + depth.active).toBe(1)
    await end(running)
  })

  it('that shuts down gives back what it held; the standby takes it', async () => {
    const first = start()
    await world.clock.advance(100)
    const second = start()
    await add('s', startJob(world.tableId, 0))
    await add('ahead', unit(5, 9))
    await world.clock.advance(1000)
    await end(first)
    await add('missing', unit(0, 5))
    await world.clock.advance(10_000)
    expect(notices.get('missing')).toMatchObject({ outcome: 'committed' })
    expect(notices.get('ahead')?.outcome).toMatch(/committed|stale/)
    expect(first.active).toEqual([0, 1, 0])
    expect(second.active).toEqual([0, 1])
    await end(second)
    await auditLogs(world.main, world.deadLetters)
  })

  it('whose jobs are delivered twice, at once, commits them once', async () => {
    const running = start()
    await add('s', startJob(world.tableId, 0))
    await add('ahead', unit(5, 9))
    await world.clock.advance(500)
    provider.deliverRunningAgain()
    await add('missing', unit(0, 5))
    await world.clock.advance(5000)
    expect((await stateOf(world.main)).txns.get('silt:events:topic-id:0')).toBe(9)
    await end(running)
    await auditLogs(world.main, world.deadLetters)
  })

  it('goes on committing while a checkpoint hangs or fails, and asks for it again', async () => {
    const asked: number[] = []
    const checkpointer: Checkpointer = {
      write: (_table, version) => {
        asked.push(version)
        return asked.length === 1 ? Promise.reject(new Error('disk')) : new Promise(() => undefined)
      },
      measure: () => new Promise(() => undefined),
      close: () => Promise.resolve(),
    }
    const running = start({ checkpointer })
    await add('s', startJob(world.tableId, 0))
    await world.clock.advance(100)
    for (let at = 0; at < 120; at++) {
      await add(`u${at}`, unit(at, at + 1))
      await world.clock.advance(1000)
    }
    expect((await stateOf(world.main)).version).toBe(121)
    expect(asked).toHaveLength(1)
    await world.clock.advance(120_000)
    expect(asked).toHaveLength(2)
    await end(running)
  })
})

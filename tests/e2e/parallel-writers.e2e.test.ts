import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readEntry } from '@silt/delta'
import { afterAll, expect, inject, test } from 'vitest'
import { deployment, startActor, type Deployment } from '../support/deployment.ts'
import { writeEventFile } from '../support/event-file.ts'
import { expectExactlyOnce } from '../support/exactly-once.ts'
import { runPython } from '../support/python.ts'
import { killAllSilt, type SiltProcess } from '../support/silt-process.ts'
import { tableStore } from '../support/table-store.ts'
import { createTopic, topicEnds } from '../support/topics.ts'
import { untilIdle } from '../support/settled-table.ts'
import { waitFor } from '../support/wait-for.ts'

const script = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))
const eventCount = 400_000
const writerCount = 4
const minutes = 60_000

afterAll(killAllSilt)

test(
  'four writers share one partition: all four write at the same moment, each writes committed files, each offset is there once',
  async () => {
    const servers = inject('servers')
    const target = deployment(servers, 'parallel', { UNIT_MAX_OFFSETS: '10000', WRITER_THREADS: '1' })
    const source = join(tmpdir(), `silt-parallel-${process.pid}.ndjson`)
    await writeEventFile(source, eventCount, 4)
    await createTopic(servers.kafka.bootstrapServers, target.topic, 1)
    await runPython(script('load/produce.py'), [source, servers.kafka.bootstrapServers, target.topic, '1', 'zstd'])
    const committer = startActor(target, 'committer', 'committer')
    const writers = Array.from({ length: writerCount }, (_, index) => startActor(target, 'writer', `writer-${index}`))
    const tails = (): string => [committer, ...writers].map((each) => each.tail(20)).join('\n')
    try {
      await Promise.all([committer, ...writers].map(untilReady))
      await untilIdle(target, tails)
      await expectExactlyOnce(target, await topicEnds(servers.kafka.bootstrapServers, target.topic))

      const jobs = writers.map(jobsOf)
      const together = mostAtOnce(jobs)
      expect(together, tails()).toBe(writerCount)
      const committed = await committedUnits(target)
      const shares = jobs.map((own) => own.filter((job) => committed.has(job.unit)).length)
      expect(Math.min(...shares), tails()).toBeGreaterThan(0)
      expect(committed.size).toBeGreaterThanOrEqual(eventCount / 10_000)
      console.log(`${committed.size} units of one partition, by writer ${shares.join(', ')}; ${together} at once`)
    } finally {
      await killAllSilt()
      await rm(source, { force: true })
    }
  },
  5 * minutes,
)

interface Job {
  readonly unit: string
  readonly beganMs: number
  readonly endedMs: number
}

/** Units this process wrote, from beginning to end as its log tells. */
function jobsOf(writer: SiltProcess): readonly Job[] {
  return writer.logs.flatMap((line) => {
    if (line['msg'] !== 'unit written') return []
    const endedMs = Date.parse(String(line['time']))
    return [{ unit: String(line['unit']), beganMs: endedMs - Number(line['ms']), endedMs }]
  })
}

/** The most writers that had a job at one moment: looked at where jobs begin, the only moments at which it grows. */
function mostAtOnce(jobs: readonly (readonly Job[])[]): number {
  const busyAt = (ms: number): number =>
    jobs.filter((own) => own.some((job) => job.beganMs <= ms && ms < job.endedMs)).length
  return Math.max(0, ...jobs.flat().map((job) => busyAt(job.beganMs)))
}

/** Units whose files the log has, from the files' names. */
async function committedUnits(target: Deployment): Promise<ReadonlySet<string>> {
  const store = tableStore(target)
  const units = new Set<string>()
  try {
    for (let version = 0; ; version++) {
      const entry = await readEntry(store, version)
      if (entry === undefined) return units
      for (const action of entry.actions)
        if ('add' in action) units.add(/^part-([0-9a-f]{16})-/.exec(action.add.path)?.[1] ?? action.add.path)
    }
  } finally {
    await store.close()
  }
}

async function untilReady(process: SiltProcess): Promise<void> {
  await waitFor(`${process.name} to be ready`, async () => {
    const port = process.logs.find((line) => line['msg'] === 'starting')?.['opsPort']
    if (port === undefined) return undefined
    const answer = await fetch(`http://127.0.0.1:${Number(port)}/readyz`).catch(() => undefined)
    return answer?.ok === true ? true : undefined
  })
}

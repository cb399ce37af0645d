import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, expect, inject, test } from 'vitest'
import { auditReport } from '../support/audit-report.ts'
import { deployment, startActor, type Deployment } from '../support/deployment.ts'
import { runPython } from '../support/python.ts'
import { withScratch } from '../support/scratch.ts'
import { killAllSilt, SiltProcess, type LogLine } from '../support/silt-process.ts'
import { expectSoundTable } from '../support/sound-table.ts'
import { untilIdle } from '../support/settled-table.ts'
import { createTopic } from '../support/topics.ts'
import { fileURLToPath } from 'node:url'

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))
/** Makes decoders die over records with a poison in them. */
const hook = new URL('../../services/writer/test/support/poison-hook.ts', import.meta.url).href
const minutes = 60_000
const crashesToCondemn = 3
/** Longer than a job's lock in the queue, shorter than for real. */
const pauses = { CRASH_PAUSE_MAX_MS: '4000' }

afterEach(killAllSilt)
afterAll(killAllSilt)

interface Sent {
  readonly name: string
  readonly value: string
  readonly expect:
    { readonly kind: 'row'; readonly columns: object } | { readonly kind: 'dead'; readonly reason: string }
}

/** Sound records with one poison after another, each at its index. */
function records(count: number, poisons: ReadonlyMap<number, string>): readonly Sent[] {
  return Array.from({ length: count }, (_, index) => {
    const poison = poisons.get(index)
    const value = JSON.stringify({ user_id: `u${index}`, session_id: poison ?? 'sound' })
    const columns = {
      user_id: `u${index}`,
      session_id: 'sound',
      channel: 'unknown',
      event_type: 'unknown',
      timestamp: 'kafka',
    }
    const wanted =
      poison === undefined ? { kind: 'row' as const, columns } : { kind: 'dead' as const, reason: 'crashes-decoder' }
    return { name: `record ${index}`, value, expect: wanted }
  })
}

test(
  'records that end the decoding thread, in one process without servers: each is a dead letter, all others are rows, once',
  () =>
    withScratch(async (folder) => {
      const topic = 'poison'
      const environment = {
        NODE_OPTIONS: `--import=${hook}`,
        ...pauses,
        KAFKA_TOPIC: topic,
        TOPICS_DIR: join(folder, 'topics'),
        DELTA_TABLE_PATH: join(folder, 'table'),
      }
      const target: Deployment = { topic, tableUri: join(folder, 'table'), environment, readerEnvironment: {} }
      const sent = records(
        600,
        new Map([
          [300, 'POISON-EXIT'],
          [301, 'POISON-TRAP'],
        ]),
      )
      await mkdir(join(folder, 'topics', topic), { recursive: true })
      await writeFile(join(folder, 'topics', topic, '0.ndjson'), sent.map(({ value }) => `${value}\n`).join(''))
      const run = new SiltProcess('silt', ['run', '--until-idle'], environment)
      expect(await run.ended, run.tail()).toBe(0)
      let offset = 0
      const placed = sent.map((each) => {
        const place = { partition: 0, offset, timestampMs: null }
        offset += Buffer.byteLength(each.value) + 1
        return place
      })
      await expectAllThere(target, folder, sent, placed)
      expectBounded(run.logs, 600, 2)
    }),
  2 * minutes,
)

test(
  'a record that kills its whole writer, on real servers: one or two writers die of it, it is a dead letter, all others are rows, once',
  () =>
    withScratch(async (folder) => {
      const servers = inject('servers')
      const { bootstrapServers } = servers.kafka
      const target = deployment(servers, 'poison', { NODE_OPTIONS: `--import=${hook}`, ...pauses })
      await createTopic(bootstrapServers, target.topic, 2)
      const sent = records(4000, new Map([[1234, 'POISON-KILL']]))
      const timestampMs = Date.UTC(2026, 10, 1)
      const file = join(folder, 'records.ndjson')
      const base64 = ({ name, value }: Sent): object => ({
        name,
        key: null,
        value: Buffer.from(value).toString('base64'),
        headers: [],
        timestampMs,
      })
      await writeFile(file, sent.map((each) => `${JSON.stringify(base64(each))}\n`).join(''))
      const { offsets } = await runPython<{ readonly offsets: readonly number[] }>(at('load/produce_records.py'), [
        ...[file, bootstrapServers, target.topic, '2'],
      ])
      startActor(target, 'committer', 'committer')
      const writers: SiltProcess[] = []
      const over = new AbortController()
      const kept = [0, 1].map(async (index) => {
        for (let turn = 0; !over.signal.aborted; turn++) {
          const writer = startActor(target, 'writer', `writer ${index}.${turn}`)
          writers.push(writer)
          await writer.ended
        }
      })
      await untilIdle(target, () => writers.map((writer) => writer.tail()).join('\n'))
      over.abort()
      const died = writers.filter((writer) => !writer.running).length
      await killAllSilt()
      await Promise.all(kept)
      const placed = sent.map((_, index) => ({ partition: index % 2, offset: offsets[index] ?? -1, timestampMs }))
      await expectAllThere(target, folder, sent, placed)
      expect(died).toBeGreaterThanOrEqual(1)
      expect(died).toBeLessThanOrEqual(2)
      expectBounded(
        writers.flatMap(({ logs }) => logs),
        4000,
        1,
      )
    }),
  4 * minutes,
)

/** As delta-rs reads both tables, value by value, and by the audit. */
async function expectAllThere(
  target: Deployment,
  folder: string,
  sent: readonly Sent[],
  placed: readonly { readonly partition: number; readonly offset: number; readonly timestampMs: number | null }[],
): Promise<void> {
  const file = join(folder, 'expected.ndjson')
  const lines = sent.map(({ name, value, expect: wanted }, index) => {
    const told = { name, key: null, value: Buffer.from(value).toString('base64'), headers: [], expect: wanted }
    return `${JSON.stringify({ ...told, ...placed[index] })}\n`
  })
  await writeFile(file, lines.join(''))
  const deadLetters = sent.filter((each) => each.expect.kind === 'dead').length
  const rows = sent.length - deadLetters
  const found = await runPython(at('conformance/hostile.py'), [target.tableUri, file], target.readerEnvironment)
  expect(found).toEqual({ faults: [], rows, deadLetters })
  expect(await auditReport(target)).toMatchObject({ verdict: 'proved', rows, deadLetters })
  await expectSoundTable({ ...target.environment, NODE_OPTIONS: '' })
}

/** Decoders died no more often than halving needs: each record condemned, each unit halved about down to one record. */
function expectBounded(logs: readonly LogLine[], unitRecords: number, poisons: number): void {
  const deaths = logs.filter(({ msg }) => String(msg).startsWith('a decoder died: ')).length
  const condemned = logs.filter(({ code }) => code === 'rows/crashes-decoder').length
  console.log(
    `${poisons} poisons among ${unitRecords} records: ${deaths} decoders died, ${condemned} records condemned`,
  )
  expect(condemned).toBe(poisons)
  expect(logs.filter(({ code }) => code === 'queue/lock-lost')).toEqual([])
  expect(deaths).toBeGreaterThanOrEqual(poisons * crashesToCondemn)
  expect(deaths).toBeLessThanOrEqual(poisons * (Math.ceil(Math.log2(unitRecords)) + crashesToCondemn + 2))
}

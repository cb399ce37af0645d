import { afterAll, afterEach, expect, inject, test } from 'vitest'
import { auditReport } from '../support/audit-report.ts'
import { deployment, startActors, type Deployment } from '../support/deployment.ts'
import { opsOf } from '../support/ops.ts'
import { partitionStatus, settled } from '../support/partition-status.ts'
import { killAllSilt, silt, SiltProcess, type LogLine } from '../support/silt-process.ts'
import { expectSoundTable } from '../support/sound-table.ts'
import { rowPlaces, tableRows } from '../support/table-rows.ts'
import { addPartitions, createTopic, deleteRecordsBelow, deleteTopic, sendEvents } from '../support/topics.ts'
import { waitFor } from '../support/wait-for.ts'

const minutes = 60_000
const { bootstrapServers } = inject('servers').kafka
const running: SiltProcess[] = []
const places: Deployment[] = []

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.log(running.map((each) => each.tail()).join('\n'))
  running.length = 0
  await killAllSilt()
  for (const { environment } of places.splice(0)) await expectSoundTable(environment)
})
afterAll(killAllSilt)

/** A deployment in one process (blank counts as unset), not started. */
function place(name: string, overrides: Readonly<Record<string, string>> = {}): Deployment {
  const target = deployment(inject('servers'), name, { REDIS_URL: '', BATCH_TIMEOUT_SECONDS: '0.5', ...overrides })
  places.push(target)
  return target
}

function start(target: Deployment): SiltProcess {
  const process = new SiltProcess(target.topic, ['run'], target.environment)
  running.push(process)
  return process
}

function errorsWith(process: SiltProcess, code: string): readonly LogLine[] {
  return process.logs.filter((line) => line['level'] === 'error' && line['code'] === code)
}

function isActive(committer: SiltProcess): boolean {
  return committer.logs.some((line) => String(line['msg']).startsWith('holds the lease'))
}

/** Rows by topic id, fewest first. */
async function countsByTopicId(target: Deployment): Promise<readonly number[]> {
  const counts = new Map<string, number>()
  for (const [topicId] of await tableRows<readonly [string]>(target, ['_topic_id']))
    counts.set(topicId, (counts.get(topicId) ?? 0) + 1)
  return [...counts.values()].sort((a, b) => a - b)
}

/** `silt …`, which has to succeed. */
async function decide(target: Deployment, ...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await silt(args, target.environment)
  expect(code, stdout + stderr).toBe(0)
}

test(
  'a topic made again stops with the command that resumes it, and that command resumes it',
  async () => {
    const target = place('recreated')
    await createTopic(bootstrapServers, target.topic, 2)
    await sendEvents(bootstrapServers, target.topic, { 0: 40, 1: 20 })
    const process = start(target)
    await settled(target)
    await deleteTopic(bootstrapServers, target.topic)
    await createTopic(bootstrapServers, target.topic, 2)
    await sendEvents(bootstrapServers, target.topic, { 0: 50, 1: 13 })

    const stops = await waitFor('both partitions to stop', () => {
      const found = errorsWith(process, 'partition/topic-recreated')
      return found.length === 2 ? found : undefined
    })
    expect(stops.map((line) => line['remedy']).sort()).toEqual(['silt partition restart 0', 'silt partition restart 1'])
    expect(stops[0]?.['msg']).toContain('the topic was deleted and made again')
    expect(await partitionStatus(target)).toMatchObject({
      code: 1,
      partitions: [
        { kind: 'stopped', code: 'partition/topic-recreated' },
        { kind: 'stopped', code: 'partition/topic-recreated' },
      ],
    })
    const told = await silt(['partition', 'status'], target.environment)
    expect(told.stdout).toContain('STOPPED')
    expect(told.stdout).toContain('`silt partition restart 1`')
    expect(await rowPlaces(target)).toHaveLength(60)

    // One alone, while Silt runs; the other stays stopped.
    await decide(target, 'partition', 'restart', '0')
    await waitFor('partition 0 to be committed', async () => {
      const { code, partitions } = await partitionStatus(target)
      return (code === 1 && partitions[0]?.next === 50 && partitions[1]?.kind === 'stopped') || undefined
    })
    await decide(target, 'partition', 'restart', 'all')
    await settled(target)
    expect((await partitionStatus(target)).code).toBe(0)
    expect(await countsByTopicId(target)).toEqual([60, 63])
    expect(await auditReport(target)).toMatchObject({ verdict: 'proved', rows: 123, deadLetters: 0 })
    expect((await silt(['partition', 'restart', 'all'], target.environment)).stderr).toContain('no partition needs')
  },
  5 * minutes,
)

test(
  'a retention gap stops its partition only; accepted, the rest follows and the audit explains the hole',
  async () => {
    const target = place('retention-gap')
    await createTopic(bootstrapServers, target.topic, 2)
    await sendEvents(bootstrapServers, target.topic, { 0: 30, 1: 30 })
    const before = start(target)
    await settled(target)
    expect(await before.terminate()).toBe(0)
    await sendEvents(bootstrapServers, target.topic, { 0: 30, 1: 30 })
    await deleteRecordsBelow(bootstrapServers, target.topic, { 0: 42 })

    const process = start(target)
    const [stop] = await waitFor('partition 0 to stop', () => {
      const found = errorsWith(process, 'partition/retention-gap')
      return found.length > 0 ? found : undefined
    })
    expect(stop).toMatchObject({ partition: 0, remedy: 'silt partition accept-gap 0' })
    expect(stop?.['msg']).toContain('offsets 30 to 41 are no longer in the source, and were never committed')
    await waitFor('partition 1 to go on', async () => {
      const { code, partitions } = await partitionStatus(target)
      const [zero, one] = partitions
      return (code === 1 && zero?.kind === 'stopped' && zero.next === 30 && one?.next === 60) || undefined
    })
    // Until an operator has decided it is not skipped over, by a restart neither.
    const idle = await silt(['run', '--until-idle'], target.environment)
    expect(idle.code).not.toBe(0)
    expect(idle.stdout + idle.stderr).toContain('silt partition accept-gap 0')
    expect((await silt(['partition', 'restart', '0'], target.environment)).code).not.toBe(0)
    expect((await silt(['partition', 'accept-gap', '1'], target.environment)).code).not.toBe(0)

    await decide(target, 'partition', 'accept-gap', '0')
    await settled(target)
    const places = await rowPlaces(target)
    expect(places.filter(([partition]) => partition === 0).map(([, offset]) => offset)).toEqual([
      ...Array.from({ length: 30 }, (_, offset) => offset),
      ...Array.from({ length: 18 }, (_, index) => 42 + index),
    ])
    expect(places.filter(([partition]) => partition === 1)).toHaveLength(60)
    expect(await auditReport(target)).toMatchObject({
      verdict: 'explained',
      partitions: [
        { partition: 0, verdict: 'explained', first: 0, next: 60, rows: 48, accepted: 12 },
        { partition: 1, verdict: 'proved', first: 0, next: 60, rows: 60, accepted: 0 },
      ],
    })
  },
  5 * minutes,
)

test(
  'a topic that is missing at the start is waited for by name, then read',
  async () => {
    const target = place('late-topic')
    const process = start(target)
    const opsPort = await waitFor(
      'the operating port',
      () => process.logs.find((line) => 'opsPort' in line)?.['opsPort'],
    )
    const ready = async (): Promise<{ readonly status: number; readonly text: string }> => {
      const response = await fetch(`http://127.0.0.1:${String(opsPort)}/readyz`)
      return { status: response.status, text: await response.text() }
    }
    const waiting = await waitFor('/readyz to name the topic', async () => {
      const answer = await ready()
      return answer.text.includes('KAFKA_TOPIC') ? answer : undefined
    })
    expect(waiting).toMatchObject({ status: 503 })
    expect(waiting.text).toContain(target.topic)
    const alive = await fetch(`http://127.0.0.1:${String(opsPort)}/healthz`)
    expect(alive.status).toBe(200)
    expect(process.logs.some((line) => line['level'] === 'warn' && String(line['msg']).includes('KAFKA_TOPIC'))).toBe(
      true,
    )

    await createTopic(bootstrapServers, target.topic, 1)
    await sendEvents(bootstrapServers, target.topic, { 0: 5 })
    await settled(target)
    expect((await ready()).status).toBe(200)
    expect(await rowPlaces(target)).toHaveLength(5)
  },
  5 * minutes,
)

test(
  'a paused table takes nothing, whoever restarts meanwhile, and goes on where it was once resumed',
  async () => {
    const target = deployment(inject('servers'), 'paused', { BATCH_TIMEOUT_SECONDS: '0.5', LEASE_MS: '1000' })
    await createTopic(bootstrapServers, target.topic, 2)
    await sendEvents(bootstrapServers, target.topic, { 0: 20, 1: 20 })
    const [ingestor, writer, ...committers] = startActors(target, { ingestor: 1, writer: 1, committer: 2 })
    running.push(ingestor!, writer!, ...committers)
    await settled(target)
    const version = async (): Promise<unknown> =>
      (JSON.parse((await silt(['table', 'show', '--json'], target.environment)).stdout) as { version: number }).version

    await decide(target, 'table', 'pause', '--reason', 'moving the bucket')
    await sendEvents(bootstrapServers, target.topic, { 0: 30, 1: 30 })
    const pausedAt = await version()
    const again = await silt(['table', 'pause'], target.environment)
    expect(again).toMatchObject({ code: 0 })
    expect(again.stdout).toMatch(/nothing to do: paused since .* by .*: moving the bucket/)
    const knows = (process: SiltProcess): Promise<true | undefined> =>
      opsOf(process)
        .then((ops) => Promise.all([ops.scrape(), ops.get('/readyz')]))
        .then(([samples, ready]) => {
          // Two answers, of two moments.
          if (samples.get('silt_table_paused') !== 1 || !ready.body.includes('silt table resume')) return undefined
          expect(ready.status).toBe(200)
          return true
        })
    for (const each of [ingestor!, writer!]) await waitFor(`${each.name} to know of the pause`, () => knows(each))
    // The one that committed so far dies; the other takes over a table that is paused.
    const [active, standby] = committers.sort((a, b) => Number(isActive(b)) - Number(isActive(a)))
    await active?.kill()
    await waitFor('the second committer to know of the pause', () => knows(standby!))

    expect((await silt(['partition', 'status'], target.environment)).stdout).toContain('moving the bucket')
    const idle = await silt(['run', 'ingestor', '--until-idle'], target.environment)
    expect([idle.code, idle.stderr]).toEqual([4, expect.stringContaining('[table/paused]')])
    expect(await version()).toBe(pausedAt)

    await decide(target, 'table', 'resume')
    expect((await silt(['table', 'resume'], target.environment)).stdout).toContain('neither paused nor parked')
    await settled(target)
    expect(await auditReport(target)).toMatchObject({ verdict: 'proved', rows: 100, deadLetters: 0 })
  },
  5 * minutes,
)

test.each([
  { startFrom: 'latest', firsts: [10, 10] },
  { startFrom: '0:4,1:7', firsts: [4, 7] },
])(
  'START_FROM $startFrom begins there, a partition added later at its earliest',
  async ({ startFrom, firsts }) => {
    const target = place(`start-from-${firsts.join('-')}`, { START_FROM: startFrom })
    await createTopic(bootstrapServers, target.topic, 2)
    await sendEvents(bootstrapServers, target.topic, { 0: 10, 1: 10 })
    start(target)
    await waitFor('both partitions to be started', async () => {
      const { partitions } = await partitionStatus(target)
      return (partitions.length === 2 && partitions.every(({ kind }) => kind === 'ok')) || undefined
    })
    await sendEvents(bootstrapServers, target.topic, { 0: 3, 1: 3 })
    await addPartitions(bootstrapServers, target.topic, 3)
    await sendEvents(bootstrapServers, target.topic, { 2: 2 })
    await settled(target)
    const expected = [...firsts, 0].flatMap((first, partition) => {
      const end = partition === 2 ? 2 : 13
      return Array.from({ length: end - first }, (_, index) => [partition, first + index])
    })
    expect(await rowPlaces(target)).toEqual(expected)
    const report = await auditReport(target)
    expect(report.verdict).toBe('proved')
    expect(report.partitions.map(({ first }) => first)).toEqual([...firsts, 0])
  },
  5 * minutes,
)

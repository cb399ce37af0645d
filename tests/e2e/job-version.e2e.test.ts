import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, inject, test } from 'vitest'
import { writeEventFile } from '../support/event-file.ts'
import { deployment, type ActorKind, type Deployment } from '../support/deployment.ts'
import { expectExactlyOnce } from '../support/exactly-once.ts'
import { makeNewerBuild } from '../support/newer-build.ts'
import { settled } from '../support/partition-status.ts'
import { killAllSilt, silt, SiltProcess } from '../support/silt-process.ts'
import { produceSteadily } from '../support/steady-producer.ts'
import { createTopic, topicEnds } from '../support/topics.ts'
import { waitFor } from '../support/wait-for.ts'

const partitionCount = 6
const minutes = 60_000

afterAll(killAllSilt)

/** One process of each actor, all of one build. */
type Build = Readonly<Record<ActorKind, SiltProcess>>

function startBuild(target: Deployment, name: string, launcher?: string): Build {
  const start = (actor: ActorKind): SiltProcess =>
    new SiltProcess(`${name} ${actor}`, ['run', actor], target.environment, launcher)
  return { committer: start('committer'), writer: start('writer'), ingestor: start('ingestor') }
}

const processes = (build: Build): readonly SiltProcess[] => Object.values(build)
const tails = (...builds: Build[]): string =>
  builds.flatMap((build) => processes(build).map((each) => each.tail(12))).join('\n')
const unitsWritten = ({ writer }: Build): number => writer.logs.filter(({ msg }) => msg === 'unit written').length
const partitionsOwned = ({ ingestor }: Build): unknown =>
  ingestor.logs.findLast(({ msg }) => msg === 'partitions assigned')?.['partitions']

/** Both take part: each owns half of the partitions, and each one's writer writes what its ingestor cuts. */
async function sideBySide(a: Build, b: Build): Promise<void> {
  const [beforeA, beforeB] = [unitsWritten(a), unitsWritten(b)]
  const both = (): true | undefined => {
    const shared = partitionsOwned(a) === partitionCount / 2 && partitionsOwned(b) === partitionCount / 2
    return (shared && unitsWritten(a) > beforeA && unitsWritten(b) > beforeB) || undefined
  }
  await waitFor('both builds to own partitions and write', both, 120_000).catch((error: unknown) => {
    throw new Error(tails(a, b), { cause: error })
  })
}

test(
  'processes whose jobs are one version newer, beside the present ones, then alone, then rolled back: nothing lost, nothing twice',
  async () => {
    const servers = inject('servers')
    const target = deployment(servers, 'job-version', { BATCH_TIMEOUT_SECONDS: '1' })
    const folder = await mkdtemp(join(tmpdir(), 'silt-newer-'))
    const newerBuild = await makeNewerBuild(folder)
    await createTopic(servers.kafka.bootstrapServers, target.topic, partitionCount)
    const source = join(folder, 'events.ndjson')
    await writeEventFile(source, 60_000, 5)
    const producer = produceSteadily(source, {
      bootstrapServers: servers.kafka.bootstrapServers,
      topic: target.topic,
      partitions: partitionCount,
      eventsPerSecond: 200,
    })
    try {
      const present = startBuild(target, 'present')
      await settled(target)

      const newer = startBuild(target, 'newer', newerBuild)
      await sideBySide(present, newer)
      for (const each of processes(present)) expect(await each.terminate(), each.tail()).toBe(0)
      await settled(target)

      const again = startBuild(target, 'present again')
      await sideBySide(newer, again)
      // The active committer is the newer one: it commits the present build's units too.
      await settled(target)
      // What it leaves in its queues, the present build will never read.
      await Promise.all(processes(newer).map((each) => each.kill()))
      await settled(target)

      producer.stop()
      const delivered = await producer.delivered
      const idle = await silt(['run', 'ingestor', '--until-idle'], target.environment)
      expect(idle.code, idle.stderr + tails(again)).toBe(0)
      const ends = await topicEnds(servers.kafka.bootstrapServers, target.topic)
      expect([...ends.values()].reduce((sum, end) => sum + end, 0)).toBe(delivered)
      await expectExactlyOnce(target, ends)
      for (const each of processes(again)) expect(await each.terminate(), each.tail()).toBe(0)
    } finally {
      producer.stop()
      await producer.delivered.catch(() => undefined)
      await killAllSilt()
      await rm(folder, { recursive: true, force: true })
    }
  },
  5 * minutes,
)

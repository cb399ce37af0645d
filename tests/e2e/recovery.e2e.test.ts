import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { seededRandom } from '@silt/core'
import { afterAll, expect, test } from 'vitest'
import { startServers } from '../servers/index.ts'
import { deployment, type ActorKind } from '../support/deployment.ts'
import { writeEventFile } from '../support/event-file.ts'
import { Fleet } from '../support/fleet.ts'
import { flowAgainMs, spread } from '../support/recovery.ts'
import { testSeed } from '../support/seed.ts'
import { expectSettled } from '../support/settled-table.ts'
import { killAllSilt, type LogLine } from '../support/silt-process.ts'
import { produceSteadily } from '../support/steady-producer.ts'
import { TableWatch } from '../support/table-watch.ts'
import { createTopic } from '../support/topics.ts'
import { waitFor } from '../support/wait-for.ts'

const topic = 'recovery'
const partitions = 6
const eventsPerSecond = 200
const killsOfEachKind = 3
const afterKillMsMax = 10_000
/** A process starts slowly where the machine is busy; most do not. */
const busyMachineMs = 5_000
const afterFlushMsMax = 20_000
const leaseMs = 3000
const minutes = 60_000

afterAll(killAllSilt)

test(
  'at 200 events/s and default settings rows flow again within 10 s of a SIGKILL, within 20 s of an emptied Redis; a frozen committer that thaws doubles nothing',
  async () => {
    const random = seededRandom(testSeed('recovery'))
    const source = join(tmpdir(), `silt-recovery-${process.pid}.ndjson`)
    await writeEventFile(source, eventsPerSecond * 600, 2)
    const servers = await startServers({ kafka: { fastTimeouts: false }, redis: {}, minio: {} })
    const { bootstrapServers } = servers.settings.kafka
    const target = deployment(servers.settings, topic)
    await createTopic(bootstrapServers, topic, partitions)
    const producer = produceSteadily(source, { bootstrapServers, topic, partitions, eventsPerSecond })
    const fleet = new Fleet(target, { ingestor: 2, writer: 1, committer: 2 })
    const watch = new TableWatch(target)
    const figures = new Map<string, number[]>()
    const note = async (what: string, fromMs: number): Promise<void> => {
      const times = await flowAgainMs(bootstrapServers, topic, watch, fromMs)
      figures.set(what, [...(figures.get(what) ?? []), Math.max(...times)])
    }
    const versions = (): number => watch.versions.length
    const nextVersion = async (): Promise<number> => {
      const before = versions()
      return waitFor('a version', () => (versions() > before ? versions() : undefined))
    }
    const writerSays = async (msg: 'unit begun' | 'unit written'): Promise<void> => {
      const { logs } = fleet.process('writer-0')
      const before = logs.length
      await waitFor(`"${msg}" of the writer`, () => logs.slice(before).find((line) => line['msg'] === msg), minutes, 5)
    }
    const activeCommitter = (): Promise<string> => waitFor('an active committer', () => fleet.activeCommitter())
    const victim: Record<ActorKind, () => Promise<string>> = {
      committer: activeCommitter,
      writer: async () => {
        await writerSays('unit begun')
        return 'writer-0'
      },
      ingestor: async () => `ingestor-${random.next() < 0.5 ? 0 : 1}`,
    }
    try {
      for (let partition = 0; partition < partitions; partition++)
        await waitFor(
          `rows of partition ${partition}`,
          () => (watch.next(partition) > 0 ? true : undefined),
          2 * minutes,
        )

      for (let round = 0; round < killsOfEachKind; round++)
        for (const kind of ['committer', 'writer', 'ingestor'] as const) {
          await delay(random.next() * 1500)
          await note(kind, await fleet.kill(await victim[kind]()))
        }

      for (const moment of ['any', 'while a unit is written', 'while a unit is lost']) {
        await delay(random.next() * 1500)
        if (moment !== 'any') await writerSays('unit begun')
        const emptiedAtMs = Date.now()
        await servers.redis.flush()
        if (moment === 'while a unit is lost') await fleet.kill('writer-0')
        await note('emptied Redis', emptiedAtMs)
      }

      for (let round = 0; round < 2; round++) {
        await delay(random.next() * 1500)
        const frozen = fleet.process(await activeCommitter())
        // With a commit job on its way, which it would commit when it thaws.
        await writerSays('unit written')
        const frozenAtMs = Date.now()
        process.kill(frozen.pid, 'SIGSTOP')
        await note('frozen committer', frozenAtMs)
        await delay(Math.max(0, frozenAtMs + 2 * leaseMs - Date.now()))
        process.kill(frozen.pid, 'SIGCONT')
        await waitFor(`${frozen.name} to stand by`, () => frozen.logs.findLast(isLeaseLost), minutes)
        await nextVersion()
        expect(fleet.activeCommitter(), fleet.tail()).not.toBe(frozen.name)
      }

      expect(fleet.endedByThemselves(), fleet.tail()).toEqual([])
      producer.stop()
      const delivered = await producer.delivered
      const { rows } = await expectSettled(target, () => fleet.tail())
      expect(rows).toBe(delivered)
      const report = [...figures].map(([what, times]) => {
        const { median, worst } = spread(times)
        return `${what}: ${times.length} times, median ${median} ms, worst ${worst} ms (${times.join(', ')})`
      })
      console.log(
        `rows flow again after\n${report.join('\n')}\n${rows} rows, ${versions()} versions; logged: ${JSON.stringify(fleet.tally())}`,
      )
      for (const kind of ['committer', 'writer', 'ingestor'] as const) {
        expect(figures.get(kind)).toHaveLength(killsOfEachKind)
        const { median, worst } = spread(figures.get(kind) ?? [])
        expect(median, `${kind}\n${report.join('\n')}`).toBeLessThan(afterKillMsMax)
        expect(worst, `${kind}\n${report.join('\n')}`).toBeLessThan(afterKillMsMax + busyMachineMs)
      }
      expect(spread(figures.get('frozen committer') ?? []).worst).toBeLessThan(afterKillMsMax + busyMachineMs)
      expect(spread(figures.get('emptied Redis') ?? []).worst).toBeLessThan(afterFlushMsMax + busyMachineMs)
    } catch (error) {
      console.error([...figures].map(([what, times]) => `${what}: ${times.join(', ')}`).join('\n'), fleet.tail())
      throw error
    } finally {
      producer.stop()
      await watch.stop().catch(() => undefined)
      await killAllSilt()
      await servers.stop()
      await rm(source, { force: true })
    }
  },
  8 * minutes,
)

function isLeaseLost(line: LogLine): boolean {
  return line['code'] === 'committer/lease-lost'
}

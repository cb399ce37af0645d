import { createReadStream, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, inject, test } from 'vitest'
import { deployment, startActors } from '../support/deployment.ts'
import { writeEventFile } from '../support/event-file.ts'
import { expectExactlyOnce } from '../support/exactly-once.ts'
import { groupAssignment } from '../support/group-assignment.ts'
import { spread } from '../support/recovery.ts'
import { runPython } from '../support/python.ts'
import { withScratch } from '../support/scratch.ts'
import { killAllSilt, silt } from '../support/silt-process.ts'
import { readTableLog } from '../support/table-log.ts'
import { TableWatch } from '../support/table-watch.ts'
import { createTopic, topicEnds } from '../support/topics.ts'
import { waitFor } from '../support/wait-for.ts'

const minutes = 60_000
const allPartitions = [0, 1, 2, 3, 4, 5]
const batchTimeoutMs = 10_000
const slackMs = 2000
/** One round in six may fall on a moment at which the machine does something else. */
const busyMachineMs = 4000
const rateSeconds = 20
const versionsPerMinuteMax = 60
const filesPerMinuteMax = 120
const backlogFileRecordsMin = 20_000

afterAll(killAllSilt)

interface Load {
  readonly records: number
  readonly startMs: number
  readonly endMs: number
}

test(
  'default settings, 6 partitions, 2 ingestors: few events and a hundred are queryable in time, idle makes no versions, every rate stays within 60 versions and 120 files a minute',
  () =>
    withScratch(async (folder) => {
      const servers = inject('servers')
      const { bootstrapServers } = servers.kafka
      const target = deployment(servers, 'pacing')
      const source = join(folder, 'events.ndjson')
      await writeEventFile(source, 20_000, 3)
      await createTopic(bootstrapServers, target.topic, allPartitions.length)
      const actors = startActors(target, { committer: 1, writer: 1, ingestor: 2 })
      const watch = new TableWatch(target)
      const tails = (): string => actors.map((actor) => actor.tail(15)).join('\n')

      const load = (partitions: readonly number[], rate: number, seconds: number): Promise<Load> =>
        runPython<Load>(fileURLToPath(new URL('../load/steady.py', import.meta.url)), [
          source,
          bootstrapServers,
          target.topic,
          partitions.join(','),
          String(rate),
          String(seconds),
        ])
      /** When everything the topic holds could be read from the table. */
      const settledAtMs = async (deadlineMs: number): Promise<number> => {
        const ends = await topicEnds(bootstrapServers, target.topic)
        const times = (): (number | undefined)[] =>
          [...ends].filter(([, end]) => end > 0).map(([partition, end]) => watch.committedAtMs(partition, end - 1))
        const all = await waitFor(
          `${[...ends.values()].join(', ')} to be committed`,
          () => (times().every((at) => at !== undefined) ? (times() as number[]) : undefined),
          deadlineMs,
          20,
        )
        return Math.max(...all)
      }
      /** From handing over the first of `count` events to the version that holds the last, ms. */
      const queryableAfterMs = async (count: number, partitions: readonly number[]): Promise<number> => {
        const { startMs } = await load(partitions, 100_000, count / 100_000)
        return (await settledAtMs(minutes)) - startMs
      }
      const expectNoVersions = async (duringMs: number): Promise<void> => {
        const before = watch.versions.length
        await delay(duringMs)
        expect(watch.versions.length).toBe(before)
      }
      const report: string[] = []
      try {
        const owned = await waitFor(
          'both ingestors to own partitions and every partition to have begun',
          async () => {
            const members = await groupAssignment(bootstrapServers, `silt-${target.topic}`, target.topic)
            const begun = watch.versions.flatMap(({ next }) => [...next.keys()])
            return members.length === 2 && members.every(({ length }) => length === 3) && new Set(begun).size === 6
              ? members
              : undefined
          },
          2 * minutes,
        )
        await expectNoVersions(8000)

        const few = await queryableAfterMs(7, [2])
        report.push(`7 events: ${few.toFixed(0)} ms`)
        expect(few).toBeLessThan(batchTimeoutMs + slackMs + busyMachineMs)

        const hundreds: number[] = []
        for (const [round, partitions] of [...owned, ...owned, ...owned].entries()) {
          await delay(400 + 331 * round)
          hundreds.push(Math.round(await queryableAfterMs(100, partitions)))
        }
        report.push(`100 events: ${hundreds.join(', ')} ms`)
        const { median, worst } = spread(hundreds)
        expect(median, report.join('\n')).toBeLessThan(slackMs)
        expect(worst, report.join('\n')).toBeLessThan(slackMs + busyMachineMs)
        await expectNoVersions(5000)

        for (const rate of [200, 2000, 20_000]) {
          const { startMs, endMs, records } = await load(allPartitions, rate, rateSeconds)
          const settledMs = await settledAtMs(2 * minutes)
          const versions = (await readTableLog(target)).filter(
            ({ builtAtMs, files }) => files.length > 0 && builtAtMs >= startMs && builtAtMs < endMs,
          )
          const minutesLong = (endMs - startMs) / minutes
          const files = versions.flatMap((version) => version.files)
          const gaps = versions.slice(1).map((each, index) => each.builtAtMs - (versions[index]?.builtAtMs ?? 0))
          report.push(
            `${rate} events/s: ${records} events in ${(minutesLong * 60).toFixed(1)} s, ` +
              `${(versions.length / minutesLong).toFixed(1)} versions and ${(files.length / minutesLong).toFixed(1)} files a minute ` +
              `(${versions.length}, ${files.length}), smallest gap ${Math.min(...gaps)} ms, settled ${(settledMs - endMs).toFixed(0)} ms after the last`,
          )
          expect(versions.length, report.join('\n')).toBeGreaterThan(2)
          // One more than fits can begin in any window.
          expect((versions.length - 1) / minutesLong, report.join('\n')).toBeLessThanOrEqual(versionsPerMinuteMax)
          expect((files.length - 2) / minutesLong, report.join('\n')).toBeLessThanOrEqual(filesPerMinuteMax)
        }
        console.log(report.join('\n'))
        await expectExactlyOnce(target, await topicEnds(bootstrapServers, target.topic))
        for (const actor of actors) expect(await actor.terminate(), actor.tail()).toBe(0)
      } catch (error) {
        console.error(`${report.join('\n')}\n${tails()}`)
        throw error
      } finally {
        await watch.stop().catch(() => undefined)
        await killAllSilt()
      }
    }),
  8 * minutes,
)

test(
  'a backlog of events of 1 kB becomes files of at least 20,000 records, but for the last of each partition',
  () =>
    withScratch(async (folder) => {
      const servers = inject('servers')
      const { bootstrapServers } = servers.kafka
      const target = deployment(servers, 'backlog')
      const source = join(folder, 'events.ndjson')
      await writeKilobyteEvents(source, 20_000)
      await createTopic(bootstrapServers, target.topic, 3)
      const total = 240_000
      await runPython<Load>(fileURLToPath(new URL('../load/steady.py', import.meta.url)), [
        source,
        bootstrapServers,
        target.topic,
        '0,1,2',
        '1000000',
        String(total / 1_000_000),
      ])
      const actors = startActors(target, { committer: 1, writer: 2, ingestor: 2 })
      try {
        const idle = await silt(['run', 'ingestor', '--until-idle'], target.environment)
        expect(idle.code, idle.stderr + actors.map((actor) => actor.tail()).join('\n')).toBe(0)
        const ends = await topicEnds(bootstrapServers, target.topic)
        const files = (await readTableLog(target)).flatMap((version) => version.files)
        const isLast = (file: (typeof files)[number]): boolean =>
          file.ends.some(({ partition, endExclusive }) => endExclusive === ends.get(partition))
        const sizes = (some: typeof files): number[] => some.map(({ rows }) => rows).sort((a, b) => a - b)
        const last = files.filter(isLast)
        const others = files.filter((file) => !isLast(file))
        console.log(
          `backlog: ${sizes(others).join(', ')} records a file; last of a partition: ${sizes(last).join(', ')}`,
        )
        expect(sizes(files).reduce((sum, rows) => sum + rows, 0)).toBe(total)
        expect(others.length).toBeGreaterThan(2)
        expect(last.length).toBeLessThanOrEqual(3)
        expect(sizes(others)[0]).toBeGreaterThanOrEqual(backlogFileRecordsMin)
        await expectExactlyOnce(target, ends)
      } finally {
        await killAllSilt()
      }
    }),
  4 * minutes,
)

/** Generated events, their text made longer until each has about 1,000 bytes. */
async function writeKilobyteEvents(path: string, count: number): Promise<void> {
  await writeEventFile(`${path}.short`, count, 4)
  const file = createWriteStream(path)
  let index = 0
  for await (const line of createInterface({ input: createReadStream(`${path}.short`) })) {
    const event = JSON.parse(line) as Record<string, unknown>
    const words = Array.from({ length: 60 }, (_, word) => ((index + word) * 2654435761) >>> 0).join(' ')
    event['interaction_text'] = words.slice(0, Math.max(0, 1000 - line.length))
    file.write(`${JSON.stringify(event)}\n`)
    index++
  }
  await new Promise<void>((resolve) => file.end(resolve))
}

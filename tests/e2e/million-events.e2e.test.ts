import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, inject, test } from 'vitest'
import { deployment, startActors, type Deployment } from '../support/deployment.ts'
import { writeEventFile } from '../support/event-file.ts'
import { expectExactlyOnce } from '../support/exactly-once.ts'
import { measuredSilt } from '../support/measured-silt.ts'
import { runPython } from '../support/python.ts'
import { killAllSilt, silt } from '../support/silt-process.ts'
import { topicPlaces } from '../support/table-rows.ts'
import { createTopic, emptyTopic, topicEnds } from '../support/topics.ts'

const script = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))
const eventCount = 1_000_000
const partitionCount = 6
const minutes = 60_000

afterAll(killAllSilt)

test(
  'a million events in mixed codecs, 2 ingestors, 3 writers and 2 committers: each offset once, nulls are nulls',
  async () => {
    const servers = inject('servers')
    const target: Deployment = deployment(servers, 'million')
    const source = join(tmpdir(), `silt-million-${process.pid}.ndjson`)
    await writeEventFile(source, eventCount, 1)
    await createTopic(servers.kafka.bootstrapServers, target.topic, partitionCount)
    const produced = runPython<{ records: number }>(script('load/produce.py'), [
      source,
      servers.kafka.bootstrapServers,
      target.topic,
      String(partitionCount),
    ])
    const actors = startActors(target, { committer: 2, ingestor: 2, writer: 3 })
    try {
      expect((await produced).records).toBe(eventCount)
      const idle = await silt(['run', 'ingestor', '--until-idle'], {
        ...target.environment,
        SHUTDOWN_DEADLINE_MS: '5000',
      })
      expect(idle.code, actors.map((actor) => actor.tail()).join('\n')).toBe(0)
      await expectExactlyOnce(target, await topicEnds(servers.kafka.bootstrapServers, target.topic))
      const statistics = await runPython<{ faults: readonly string[]; rows: number }>(
        script('conformance/statistics.py'),
        [target.tableUri, source],
        target.readerEnvironment,
      )
      expect(statistics).toMatchObject({ faults: [], rows: eventCount })
      for (const actor of actors) expect(await actor.terminate(), actor.tail()).toBe(0)
      await expectAuditWithoutSource(target)
    } finally {
      await killAllSilt()
      await rm(source, { force: true })
    }
  },
  10 * minutes,
)

/** After deleteRecords has emptied the topic, the table alone proves what it holds. */
async function expectAuditWithoutSource(target: Deployment): Promise<void> {
  const { bootstrapServers } = inject('servers').kafka
  await emptyTopic(bootstrapServers, target.topic)
  expect(await topicPlaces(bootstrapServers, target.topic, 'read_committed')).toEqual([])
  const audit = await measuredSilt(['audit', '--json'], target.environment)
  const { code, seconds, cpuSeconds, residentMegabytes, output } = audit
  console.log(
    `audit of ${eventCount} rows after the topic was emptied: ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of CPU, ` +
      `${Math.round(residentMegabytes)} MB resident`,
  )
  expect(code, output.slice(-4000)).toBe(0)
  expect(output).toContain(`"verdict":"proved","rows":${eventCount},"deadLetters":0`)
  expect(residentMegabytes).toBeLessThan(600)
  expect(seconds).toBeLessThan(60)
}

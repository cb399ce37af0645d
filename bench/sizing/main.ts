import { loadavg, tmpdir } from 'node:os'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startServers } from '../../tests/servers/index.ts'
import { writeEventFile } from '../../tests/support/event-file.ts'
import { measureLogGrowth } from './log-growth.ts'
import { runPython } from '../../tests/support/python.ts'
import { createTopic } from '../../tests/support/topics.ts'
import { measureBacklog } from './measure-backlog.ts'
import { measureRate, type RateMeasure } from './measure-rate.ts'

const usage = `npm run sizing --workspace bench [-- RATE:WRITERS ...]

What each process takes at steady rates (events a second, number of writers; default 1000:1 10000:1 50000:2), what writers do on a backlog, and how the
log grows. Prints Markdown.
`
const given = process.argv.slice(2)
const isKnown = given.every((step) => /^[1-9]\d*(:[1-9]\d*)?$/.test(step))
if (!isKnown) {
  process.stdout.write(usage)
  process.exit(given.includes('--help') ? 0 : 2)
}
const steps = given.length > 0 ? given : ['1000:1', '10000:1', '50000:2']
const backlogTopic = 'sizing-backlog'
const backlogRounds = 20
const backlogSteps = [
  [1, 1],
  [2, 1],
  [4, 1],
  [1, 2],
] as const
const produce = fileURLToPath(new URL('../../tests/load/produce.py', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'silt-sizing-'))
const servers = await startServers({ kafka: { fastTimeouts: false }, redis: {}, minio: {} })
try {
  const source = join(folder, 'events.ndjson')
  const events = 50_000
  const eventBytes = (await writeEventFile(source, events, 3)) / events
  const redisPid = servers.redis.pid ?? 0
  console.log(
    `load before: ${loadavg()
      .map((each) => each.toFixed(1))
      .join(', ')}; ${Math.round(eventBytes)} bytes an event\n`,
  )
  console.log(
    '| events/s | writers | each writer | ingestor | committer | Redis | versions/s | bytes/event in the table | committed after the last event |',
  )
  console.log('|---|---|---|---|---|---|---|---|---|')
  for (const step of steps) {
    const [rate = 0, writers = 1] = step.split(':').map(Number)
    console.log(row(await measureRate(servers.settings, { rate, writers, source, redisPid })))
  }
  await createTopic(servers.settings.kafka.bootstrapServers, backlogTopic, 6)
  for (let round = 0; round < backlogRounds; round++)
    await runPython(produce, [source, servers.settings.kafka.bootstrapServers, backlogTopic, '6', 'lz4'])
  console.log('\n| writers on a backlog | threads each | events/s | cores of all writers |')
  console.log('|---|---|---|---|')
  for (const [writers = 1, threads = 1] of backlogSteps) {
    const measure = await measureBacklog(servers.settings, { topic: backlogTopic, writers, threads })
    const rate = Math.round(measure.eventsPerSecond).toLocaleString('en')
    console.log(`| ${writers} | ${threads} | ${rate} | ${measure.writerCores.toFixed(2)} |`)
  }
  const log = await measureLogGrowth(servers.settings, source)
  console.log(
    `\nlog: ${Math.round(log.jsonBytesPerVersion)} bytes a version of one file; a checkpoint ${Math.round(log.checkpointBytesPerFile)} bytes a file ` +
      `(${log.versions} versions, checkpoints ${log.checkpointBytes.join(', ')} bytes)`,
  )
  console.log(
    `load after: ${loadavg()
      .map((each) => each.toFixed(1))
      .join(', ')}`,
  )
} finally {
  await servers.stop()
  await rm(folder, { recursive: true, force: true })
}

function row(measure: RateMeasure): string {
  const { eventsPerSecond, writers, use, redisMegabytes, versionsPerSecond, tableBytesPerEvent, settledMs } = measure
  const actor = (kind: 'writer' | 'ingestor' | 'committer'): string =>
    `${use[kind].cores.toFixed(2)} cores, ${Math.round(use[kind].megabytes)} MiB`
  const cells = [
    Math.round(eventsPerSecond).toLocaleString('en'),
    String(writers),
    actor('writer'),
    actor('ingestor'),
    actor('committer'),
    `${redisMegabytes.toFixed(1)} MiB`,
    versionsPerSecond.toFixed(2),
    tableBytesPerEvent.toFixed(1),
    `${(settledMs / 1000).toFixed(1)} s`,
  ]
  return `| ${cells.join(' | ')} |`
}

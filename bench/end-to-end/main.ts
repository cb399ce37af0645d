import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startServers } from '../../tests/servers/index.ts'
import { writeEventFile } from '../../tests/support/event-file.ts'
import { runPython } from '../../tests/support/python.ts'
import { createTopic } from '../../tests/support/topics.ts'
import { measureFreshness, type Freshness } from './freshness.ts'
import { embeddedRun, peerRun, separateRun, type BenchTarget } from './runs.ts'
import { freshnessTable, runTable } from './report.ts'
import type { RunMeasure } from './measure-run.ts'

const usage = `node end-to-end/main.ts [--events 1000000] [--runs 3] [--partitions 6] [--codec lz4] [--out results.json]
  [--only freshness] [--freshness-seconds 60] [--freshness-runs 1] [--freshness-ingestors 1] [--freshness-logs folder]
Runs Silt and, where ../shared/peers is found beside the project, the hand-written Python writer on one topic in turn, and prints medians.`

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '3' },
    partitions: { type: 'string', default: '6' },
    codec: { type: 'string', default: 'lz4' },
    only: { type: 'string' },
    'freshness-seconds': { type: 'string', default: '60' },
    'freshness-runs': { type: 'string', default: '1' },
    'freshness-ingestors': { type: 'string', default: '1' },
    'freshness-logs': { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help || (values.only !== undefined && values.only !== 'freshness')) {
  console.log(usage)
  process.exit(values.help ? 0 : 1)
}

let sourceBytesPerEvent = 0
const say = (text: string): void => console.error(`[${(performance.now() / 1000).toFixed(1)} s] ${text}`)
const folder = mkdtempSync(join(tmpdir(), 'silt-bench-'))
const servers = await startServers({ kafka: { fastTimeouts: false }, redis: {} })
try {
  const target: BenchTarget = {
    bootstrapServers: servers.settings.kafka.bootstrapServers,
    redisUrl: servers.settings.redis.url,
    topic: 'bench',
    folder,
    events: Number(values.events),
  }
  const measures = values.only === 'freshness' ? [] : await measureRuns(target)
  const freshness: Freshness[] = []
  for (let run = 1; run <= Number(values['freshness-runs']); run++) {
    say(`freshness at 200 events/s, run ${run}`)
    const seconds = Number(values['freshness-seconds'])
    const ingestors = Number(values['freshness-ingestors'])
    freshness.push(await measureFreshness(target, { run, seconds, ingestors, logFolder: values['freshness-logs'] }))
  }
  if (measures.length > 0) console.log(runTable(measures, sourceBytesPerEvent))
  console.log(freshnessTable(freshness, 2 + Number(values['freshness-ingestors'])))
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify({ measures, freshness }, undefined, 2)}\n`)
} finally {
  await servers.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function measureRuns(target: BenchTarget): Promise<RunMeasure[]> {
  const { events } = target
  const source = join(folder, 'events.ndjson')
  say(`generating ${events} events`)
  sourceBytesPerEvent = (await writeEventFile(source, events, 7)) / events
  await createTopic(target.bootstrapServers, target.topic, Number(values.partitions))
  say(`producing them (${values.codec})`)
  const produce = fileURLToPath(new URL('../../tests/load/produce.py', import.meta.url))
  await runPython(produce, [source, target.bootstrapServers, target.topic, values.partitions, values.codec])
  rmSync(source)

  const measures: RunMeasure[] = []
  for (let run = 1; run <= Number(values.runs); run++) {
    for (const one of [embeddedRun, separateRun, peerRun]) {
      const measure = await one(target, run)
      if (measure === undefined) continue
      say(
        `${measure.label}: ${Math.round(measure.eventsPerSecond)} events/s, ${measure.cpuMicrosPerEvent.toFixed(2)} µs CPU/event`,
      )
      measures.push(measure)
    }
  }
  return measures
}

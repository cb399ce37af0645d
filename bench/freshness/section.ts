import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startServers } from '../../tests/servers/index.ts'
import { environment } from '../measure/environment.ts'
import { resultPath, writeResult } from '../results.ts'
import { measureFreshness, type Freshness } from './freshness.ts'

export const freshnessHelp = `npm run bench -- freshness [--runs 1] [--seconds 60] [--ingestors 1] [--logs FOLDER] [--out FILE]

A trickle of 200 events/s into an ingestor, a writer and a committer with Redis between, BATCH_TIMEOUT_SECONDS=1: how old rows are when a reader first sees them.

  --logs FOLDER   keeps the processes' debug lines
  --out FILE      where the results go; default bench/results/freshness.json
`

export async function runFreshness(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '60' },
      ingestors: { type: 'string', default: '1' },
      logs: { type: 'string' },
      out: { type: 'string', default: resultPath('freshness') },
    },
  })
  const folder = mkdtempSync(join(tmpdir(), 'silt-freshness-'))
  const servers = await startServers({ kafka: { fastTimeouts: false }, redis: {} })
  try {
    const { kafka, redis } = servers.settings
    const target = { bootstrapServers: kafka.bootstrapServers, redisUrl: redis.url, folder }
    const measured: Freshness[] = []
    for (let run = 1; run <= Number(values.runs); run++) {
      const options = { run, seconds: Number(values.seconds), ingestors: Number(values.ingestors) }
      const fresh = await measureFreshness(target, { ...options, logFolder: values.logs })
      console.error(`p50 ${fresh.p50Ms.toFixed(0)} ms, p99 ${fresh.p99Ms.toFixed(0)} ms`)
      measured.push(fresh)
    }
    writeResult(values.out, { environment: environment('freshness', args), measured })
  } finally {
    await servers.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

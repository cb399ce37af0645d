import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startServers } from '../../tests/servers/index.ts'
import { typicalEvents } from '../events/event-maker.ts'
import { writeEvents } from '../events/write-events.ts'
import { environment } from '../measure/environment.ts'
import { resultPath, writeResult } from '../results.ts'
import { fillTopic, kafkaStage } from '../stages/kafka-stage.ts'
import { planeFunctionNames } from './plane-names.ts'
import { sharesOf, type ProfileShare } from './categories.ts'

export const profileHelp = `npm run bench -- profile [--events 200000] [--rounds 10] [--keep FILE.cpuprofile] [--out FILE]

Where the CPU of a unit thread goes: from a topic (lz4) to Parquet files, units of 100,000 typical events, profiled after a round that warms up. The thread
alone: what V8's helpers do beside it is not in a profile.

  --keep FILE   keeps the profile, for Chrome's developer tools; functions of the plane have numbers there
  --out FILE    where the results go; default bench/results/profile.json
`

export interface ProfileResult {
  readonly events: number
  readonly eventBytes: number
  readonly cpuMicrosPerEvent: number
  readonly shares: readonly ProfileShare[]
}

const unitRows = 100_000
const intervalMicros = 200

export async function runProfile(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      events: { type: 'string', default: '200000' },
      rounds: { type: 'string', default: '10' },
      keep: { type: 'string' },
      out: { type: 'string', default: resultPath('profile') },
    },
  })
  const eventCount = Number(values.events)
  const names = planeFunctionNames()
  const folder = mkdtempSync(join(tmpdir(), 'silt-profile-'))
  const servers = await startServers({ kafka: { fastTimeouts: false } })
  try {
    const path = join(folder, 'events.ndjson')
    const eventBytes = writeEvents(path, eventCount, typicalEvents)
    const target = { bootstrapServers: servers.settings.kafka.bootstrapServers, topic: 'profile' }
    await fillTopic(target, path, 'lz4')
    const stage = await kafkaStage(target, { eventCount, unitRows }, folder)
    await stage.sample()
    const session = new Session()
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: intervalMicros })
    await session.post('Profiler.start')
    let micros = 0
    const rounds = Number(values.rounds)
    for (let round = 0; round < rounds; round++) micros += (await stage.sample()).cpuMicros
    const { profile } = await session.post('Profiler.stop')
    session.disconnect()
    await stage.close()
    if (values.keep !== undefined) writeFileSync(values.keep, JSON.stringify(profile))
    const shares = sharesOf(profile, names)
    for (const { category, share, top } of shares)
      console.error(`${(share * 100).toFixed(1)} % ${category}: ${top.join(', ')}`)
    const measured: ProfileResult = {
      events: eventCount,
      eventBytes,
      cpuMicrosPerEvent: micros / rounds / eventCount,
      shares,
    }
    writeResult(values.out, { environment: environment('profile', args), measured })
  } finally {
    await servers.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

import { createWriteStream, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { commandOptions, refuse } from '../support/command-options.ts'
import { startServers } from '../servers/index.ts'
import { deployment, startActor, type ActorKind } from '../support/deployment.ts'
import { createTopic } from '../support/topics.ts'
import { Load, type TopicAt } from './clients.ts'
import { presentCommit } from './present-commit.ts'
import { ledgerIn, settle } from './settle.ts'
import { soakChart, soakFaults, soakMarkdown, type SoakResult } from './soak-report.ts'
import { Squad } from './squad.ts'
import { measureUsage, type Series } from './usage.ts'
import { Watch } from './watch.ts'

const help = `npm run soak -- [--minutes M] [--rate R] [--out FOLDER] [--record]

A steady load and no faults, with Silt's default settings: memory, file descriptors, Redis, the log and freshness over the time. Exit code 1 where
something grows that should not, or anything is lost or twice. docs/proof/soak.md tells of a run.

  --minutes M   how long (default 30)
  --rate R      events a second (default 300)
  --out FOLDER  logs, report and chart (default: silt-soak in the folder for temporary files)
  --record      put the chart into docs/images
`
const values = commandOptions(help, {
  minutes: { type: 'string', default: '30' },
  rate: { type: 'string', default: '300' },
  out: { type: 'string', default: join(tmpdir(), 'silt-soak') },
  record: { type: 'boolean', default: false },
})
const [minutes, rate] = [Number(values.minutes), Number(values.rate)]
if (!(minutes > 0 && rate > 0)) refuse('--minutes and --rate take positive numbers', help)
const folder = values.out
const names = ['ingestor-0', 'writer-0', 'writer-1', 'committer-0', 'committer-1']
const [topic, partitions] = ['soak', 4]
const everyMs = 5_000
const tellMs = 30_000

rmSync(join(folder, 'logs'), { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
console.log(`soak: --minutes ${minutes} --rate ${rate} at ${presentCommit()}; logs and report in ${folder}`)
const result = await soak()
writeFileSync(
  join(folder, 'soak.json'),
  `${JSON.stringify({ ...result, series: Object.fromEntries(result.series) })}\n`,
)
writeFileSync(join(folder, 'soak.svg'), soakChart(result))
writeFileSync(join(folder, 'soak.md'), soakMarkdown(result))
if (values.record)
  writeFileSync(fileURLToPath(new URL('../../docs/images/soak.svg', import.meta.url)), soakChart(result))
console.log(`\n${soakMarkdown(result)}`)
process.exit(soakFaults(result).length === 0 ? 0 : 1)

async function soak(): Promise<SoakResult> {
  const events = createWriteStream(join(folder, 'events.log'))
  const note = (text: string): void => {
    events.write(`${new Date().toISOString()} ${text}\n`)
  }
  const servers = await startServers({ kafka: { fastTimeouts: false }, redis: {}, minio: {} })
  const direct = deployment(servers.settings, topic, { LOG_LEVEL: 'info' })
  const at: TopicAt = { bootstrapServers: servers.settings.kafka.bootstrapServers, topic, partitions }
  await createTopic(at.bootstrapServers, topic, partitions, { 'message.timestamp.type': 'LogAppendTime' })
  const squad = new Squad(
    names,
    (name) => startActor(direct, name.split('-')[0] as ActorKind, name),
    join(folder, 'logs'),
  )
  const watch = new Watch(direct, at)
  const load = new Load(at, rate, ledgerIn(folder))
  const series: Series = new Map()
  const ending = new AbortController()
  const telling = setInterval(
    () => console.log(`${new Date().toISOString().slice(11, 19)} ${watch.describe()}`),
    tellMs,
  )
  try {
    const redisPort = Number(new URL(servers.settings.redis.url).port)
    const pids = (): Readonly<Record<string, number>> =>
      Object.fromEntries(names.map((name) => [name, squad.pid(name)]))
    const measuring = measureUsage({ pids, redisPort, direct, everyMs }, series, ending.signal)
    await Promise.race([delay(minutes * 60_000), measuring])
    ending.abort()
    await measuring
    const waits = watch.samples.map(({ atMs, ageMs }) => ({ atMs, value: ageMs }))
    const settled = await settle({ direct, at, load, squad }, folder, note)
    return { minutes, rate, commit: presentCommit(), series: new Map([...series, ['waits', waits]]), ...settled }
  } finally {
    clearInterval(telling)
    load.kill()
    await watch.stop().catch((error: unknown) => note(String(error)))
    await squad.killAll()
    await servers.stop()
    events.end()
  }
}

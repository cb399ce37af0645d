import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { auditReport } from '../support/audit-report.ts'
import { settled } from '../support/partition-status.ts'
import { runPython } from '../support/python.ts'
import { silt } from '../support/silt-process.ts'
import { waitFor } from '../support/wait-for.ts'
import { Backlog } from './backlog.ts'
import { Load, readLedger, readPlaced, startWitness, type TopicAt } from './clients.ts'
import { countExactly } from './exact-count.ts'
import { judgeWindow, type Sample, type Struck, type WindowFreshness } from './freshness.ts'
import { LogFollower } from './log-follower.ts'
import { startPlatform, type Platform } from './platform.ts'
import type { ChaosResult } from './report.ts'
import { calmMs, drawSchedule, type Window } from './schedule.ts'
import { strike } from './strike.ts'

export interface ChaosOptions {
  readonly minutes: number
  readonly seed: number
  /** Events a second. */
  readonly rate: number
  readonly commit: string
  /** For logs and lists. */
  readonly folder: string
}

const topic = 'chaos'
const partitions = 6
const warmUpMsMax = 180_000
/** Events flow: the version that begins the partitions has been followed by some with rows. */
const versionsFirst = 5
const drainMsMax = 240_000
const sampleMs = 1_000
const tellMs = 5_000

/** What goes on while a run lasts. */
interface Scene {
  readonly platform: Platform
  readonly samples: Sample[]
  readonly struck: Struck[]
  readonly botched: string[]
  readonly note: (text: string) => void
}

/** One run from the first process to the report. Throws what keeps it from finding out; what it found is in the answer. */
export async function run(options: ChaosOptions): Promise<ChaosResult> {
  const { folder, minutes, seed } = options
  const schedule = drawSchedule(seed, minutes)
  const events = createWriteStream(join(folder, 'events.log'))
  const note = (text: string): void => {
    events.write(`${new Date().toISOString()} ${text}\n`)
  }
  const platform = await startPlatform(topic, partitions, folder)
  const backlog = new Backlog()
  const at: TopicAt = { bootstrapServers: platform.cluster.bootstrapServers, topic, partitions }
  const follower = new LogFollower(platform.direct, (partition, next) => backlog.committed(partition, next))
  const witness = startWitness(at, (buckets) => {
    for (const [partition, appendMs, lastOffset] of buckets) backlog.read(partition, appendMs, lastOffset)
  })
  const ledger = join(folder, 'ledger.txt')
  const load = new Load(at, options.rate, ledger)
  const scene: Scene = { platform, samples: [], struck: [], botched: [], note }
  const startedMs = Date.now()
  let windowNow = 0
  const sampling = setInterval(() => {
    const atMs = Date.now()
    scene.samples.push({ atMs, ageMs: backlog.ageMs(atMs), seenAgeMs: backlog.seenAgeMs(atMs) })
  }, sampleMs)
  const telling = setInterval(() => {
    const last = scene.samples.at(-1)
    const clock = new Date(Date.now() - startedMs).toISOString().slice(11, 19)
    console.log(
      `${clock} window ${windowNow}/${schedule.length} faults ${scene.struck.length} oldest waits ${seconds(last?.ageMs)} newest seen ${seconds(last?.seenAgeMs)} versions ${follower.versions} rows ${follower.rows} ${scene.struck.at(-1)?.what ?? ''}`,
    )
  }, tellMs)
  try {
    await waitFor('the first versions', () => follower.versions >= versionsFirst || undefined, warmUpMsMax)
    const windows: WindowFreshness[] = []
    for (const [index, window] of schedule.entries()) {
      windowNow = index + 1
      if (!load.running) throw new Error(`the load ended\n${load.troubles}`)
      const judged = await passWindow(windowNow, window, scene)
      windows.push(judged)
      console.log(`window ${windowNow}: ${JSON.stringify(judged)}`)
      note(`window ${JSON.stringify(judged)}`)
      note(`said in it ${JSON.stringify(platform.squad.said(Date.now() - window.lengthMs, Date.now()).slice(0, 12))}`)
    }
    const loaded = await load.stop()
    note(`load ended ${JSON.stringify(loaded)}\n${load.troubles}`)
    const drainFromMs = Date.now()
    const isDrained = await drained(platform, note)
    const drainedAfterMs = isDrained ? Date.now() - drainFromMs : undefined
    const internalErrors = platform.squad.said(0, Date.now()).filter(([what]) => what.includes('internal'))
    const warnings = platform.squad.said(0, Date.now())
    const exitCodes = await platform.squad.terminate()
    console.log('drained; auditing')
    const audit = await auditReport(platform.direct).catch((error: unknown) => ({ verdict: String(error) }))
    const check = await silt(['table', 'check', '--rows'], platform.direct.environment)
    note(`table check ${check.stdout}${check.stderr}`)
    const table = await readTable(platform, folder)
    await readTopic(at, folder)
    return {
      ...{ seed, minutes, commit: options.commit },
      faultsByKind: countBy(scene.struck.map(({ what }) => what.split(' ')[0] ?? '')),
      botched: scene.botched,
      windows,
      restarts: platform.squad.restarts,
      selfEnded: platform.squad.selfEnded,
      internalErrors,
      warnings,
      exitCodes,
      loadFailures: loaded.failures,
      drainedAfterMs,
      table,
      count: countExactly(
        readLedger(ledger),
        readPlaced(join(folder, 'topic.txt')),
        readPlaced(join(folder, 'table.txt')),
      ),
      auditVerdict: audit.verdict,
      tableCheckCode: check.code,
    }
  } finally {
    clearInterval(sampling)
    clearInterval(telling)
    load.kill()
    witness.kill()
    await follower.stop().catch((error: unknown) => note(String(error)))
    await platform.stop()
    events.end()
  }
}

/** Strikes as the window says; its calm lasts as long as it must, however long the last fault really took. */
async function passWindow(number: number, window: Window, scene: Scene): Promise<WindowFreshness> {
  const fromMs = Date.now()
  const firstSample = scene.samples.length
  const struck: Struck[] = []
  const lasting: Promise<void>[] = []
  for (const fault of window.faults) {
    await delay(Math.max(0, fromMs + fault.atMs - Date.now()))
    const faultFromMs = Date.now()
    scene.note(`strikes ${JSON.stringify(fault)}`)
    lasting.push(
      strike(fault, scene.platform).then(
        (what) => {
          const done = { window: number, what, fromMs: faultFromMs, toMs: Date.now() }
          scene.note(`over ${JSON.stringify(done)}`)
          struck.push(done)
          scene.struck.push(done)
        },
        (error: unknown) => {
          scene.note(`botched ${JSON.stringify(fault)}: ${String(error)}`)
          scene.botched.push(`${fault.kind}: ${String(error).slice(0, 300)}`)
        },
      ),
    )
  }
  await Promise.all(lasting)
  const calmToMs = Math.max(fromMs + window.lengthMs, Date.now() + calmMs)
  await delay(calmToMs - Date.now())
  return judgeWindow(number, scene.samples.slice(firstSample), struck)
}

async function drained(platform: Platform, note: (text: string) => void): Promise<boolean> {
  try {
    await settled(platform.direct, drainMsMax)
    return true
  } catch (error) {
    note(String(error))
    return false
  }
}

function readTable(platform: Platform, folder: string): Promise<ChaosResult['table']> {
  const args = [platform.direct.tableUri, join(folder, 'table.txt')]
  return runPython(script('table_ids.py'), args, platform.direct.readerEnvironment)
}

function readTopic({ bootstrapServers }: TopicAt, folder: string): Promise<unknown> {
  return runPython(script('topic_ids.py'), [bootstrapServers, topic, String(partitions), join(folder, 'topic.txt')])
}

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const name of [...names].sort()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? '-' : `${(ms / 1000).toFixed(1)} s`
}

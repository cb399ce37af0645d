import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '../support/wait-for.ts'
import { Load, type TopicAt } from './clients.ts'
import { judgeWindow, type Struck, type WindowFreshness } from './freshness.ts'
import { startPlatform, type Platform } from './platform.ts'
import type { ChaosResult } from './report.ts'
import { calmMs, drawSchedule, type Window } from './schedule.ts'
import { ledgerIn, settle } from './settle.ts'
import { strike } from './strike.ts'
import { Watch } from './watch.ts'

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
/** Events flow: what waited while everything started is in the table. */
const flowingAgeMs = 5_000
const versionsFirst = 5
const tellMs = 5_000
const saidShown = 12

/** What goes on while a run lasts. */
interface Scene {
  readonly platform: Platform
  readonly watch: Watch
  readonly struck: Struck[]
  readonly botched: string[]
  readonly note: (text: string) => void
}

/** One run from the first process to the report. Throws what keeps it from finding out; what it found is in the answer. */
export async function run(options: ChaosOptions): Promise<ChaosResult> {
  const { folder, minutes, seed, commit } = options
  const schedule = drawSchedule(seed, minutes)
  const events = createWriteStream(join(folder, 'events.log'))
  const note = (text: string): void => {
    events.write(`${new Date().toISOString()} ${text}\n`)
  }
  const platform = await startPlatform(topic, partitions, folder)
  const { direct, squad } = platform
  const at: TopicAt = { bootstrapServers: platform.cluster.bootstrapServers, topic, partitions }
  const watch = new Watch(direct, at)
  const load = new Load(at, options.rate, ledgerIn(folder))
  const scene: Scene = { platform, watch, struck: [], botched: [], note }
  const startedMs = Date.now()
  const windows: WindowFreshness[] = []
  const telling = setInterval(() => {
    const clock = new Date(Date.now() - startedMs).toISOString().slice(11, 19)
    const faults = `${scene.struck.length} faults (${scene.struck.at(-1)?.what ?? ''})`
    console.log(`${clock} window ${windows.length + 1}/${schedule.length}: ${watch.describe()}, ${faults}`)
  }, tellMs)
  try {
    await waitFor('events to flow', () => flows(watch) || undefined, warmUpMsMax)
    for (const window of schedule) {
      if (!load.running) throw new Error(`the load ended\n${load.troubles}`)
      const fromMs = Date.now()
      const judged = await passWindow(windows.length + 1, window, scene)
      windows.push(judged)
      console.log(`window ${windows.length}: ${JSON.stringify(judged)}`)
      note(`window ${JSON.stringify(judged)}`)
      note(`said in it ${JSON.stringify(squad.said(fromMs, Date.now()).slice(0, saidShown))}`)
    }
    console.log('the load ends; then the table is counted')
    const settled = await settle({ direct, at, load, squad }, folder, note)
    const faultsByKind = countBy(scene.struck.map(({ what }) => what.split(' ')[0] ?? ''))
    return { seed, minutes, commit, faultsByKind, botched: scene.botched, windows, ...settled }
  } finally {
    clearInterval(telling)
    load.kill()
    await watch.stop().catch((error: unknown) => note(String(error)))
    await platform.stop()
    events.end()
  }
}

/** Strikes as the window says; its calm lasts as long as it must, however long the last fault really took. */
async function passWindow(number: number, window: Window, scene: Scene): Promise<WindowFreshness> {
  const { samples } = scene.watch
  const firstSample = samples.length
  const fromMs = Date.now()
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
  return judgeWindow(number, samples.slice(firstSample), struck)
}

function flows({ versions, samples }: Watch): boolean {
  const last = samples.at(-1)
  return versions >= versionsFirst && last !== undefined && last.ageMs < flowingAgeMs
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const name of [...names].sort()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

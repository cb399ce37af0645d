import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startServers } from '../../tests/servers/index.ts'
import { writeEvents } from '../events/write-events.ts'
import { environment } from '../measure/environment.ts'
import { GoAhead } from '../measure/go-ahead.ts'
import { inTurns, type Contender, type Measured } from '../measure/in-turns.ts'
import { resultPath, writeResult } from '../results.ts'
import { stageCases, type StageCase } from './cases.ts'
import { DuckDb } from './duckdb.ts'
import { exactStage, planeStage } from './encode-stages.ts'
import { eventSpec, readUnits } from './event-units.ts'
import { floorStages } from './floor.ts'
import { fillTopic, kafkaStage, type StageTopic } from './kafka-stage.ts'

export const stagesHelp = `npm run bench -- stages [--runs 7] [--only TEXT] [--scale 1] [--wait] [--out FILE]

CPU per event of each stage, alone and on the same events, contenders in turn; medians of --runs rounds (the first is not counted):
  plane    slab in memory to Parquet bytes, zstd 1: the scanner and encoder that ship, provenance columns included
  kafka    a topic to Parquet files: fetch, checksum, decompression, scan, encode, as a unit thread does it
  exact    slab in memory to Parquet bytes by the exact path: JSON.parse's equal, apache-arrow, parquet-wasm
  duckdb   NDJSON file to Parquet file, one thread, COPY with zstd at its defaults, one COPY a unit
  floor    fetching, copying and zstd, each alone
by unit size, key order, event size, share of bad records, codec of the topic.

  --only TEXT   cases whose name holds TEXT ("unit size 50,000", "codec", "floor")
  --scale N     this part of the events of each case, for a first look: 0.1
  --wait        waits for a line on stdin before each case, for machines that have to be made quiet for it
  --out FILE    where the results go; default bench/results/stages.json
`

export interface CaseResult {
  readonly axis: StageCase['axis'] | 'floor'
  readonly label: string
  readonly eventBytes: number
  readonly events: number
  readonly measured: readonly Measured[]
}

/** Of the rows that the floor is measured on. */
const floorRows = 200_000

export async function runStages(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: 'string', default: '7' },
      only: { type: 'string', default: '' },
      scale: { type: 'string', default: '1' },
      wait: { type: 'boolean', default: false },
      out: { type: 'string', default: resultPath('stages') },
    },
  })
  const floor: StageCase = { ...(stageCases[0] as StageCase), unitRows: floorRows, eventCount: floorRows }
  const scale = Number(values.scale)
  const wanted = [...stageCases.map((each) => ({ ...each, isFloor: false })), { ...floor, label: '', isFloor: true }]
    .filter(({ isFloor, axis, label }) => `${isFloor ? 'floor' : axis} ${label}`.includes(values.only))
    .map((each) => ({ ...each, eventCount: Math.max(each.unitRows, Math.round(each.eventCount * scale)) }))
  const folder = mkdtempSync(join(tmpdir(), 'silt-stages-'))
  const bench = await Bench.start(folder)
  const goAhead = new GoAhead(values.wait)
  try {
    const results: CaseResult[] = []
    for (const each of wanted) {
      const measured = await bench.measure(each, Number(values.runs), each.isFloor, goAhead)
      const result = { ...measured, axis: each.isFloor ? ('floor' as const) : each.axis, label: each.label }
      results.push(result)
      console.error(lineOf(result))
    }
    const versions = { duckdb: bench.duckDb.version }
    writeResult(values.out, { environment: environment('stages', args, versions), measured: results })
  } finally {
    goAhead.close()
    await bench.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function lineOf({ axis, label, measured }: CaseResult): string {
  const each = measured.map(
    ({ name, cpuMicrosPerEvent: { median, min, max }, bytesPerRow }) =>
      `${name} ${median.toFixed(3)} (${min.toFixed(3)}-${max.toFixed(3)}) ${bytesPerRow.toFixed(1)} B`,
  )
  return `${axis} ${label}: ${each.join(', ')}`
}

type KafkaAlone = Awaited<ReturnType<typeof startKafka>>

const startKafka = () => startServers({ kafka: { fastTimeouts: false } })

class Bench {
  readonly duckDb: DuckDb
  readonly #servers: KafkaAlone
  readonly #folder: string
  readonly #files = new Map<string, { readonly path: string; readonly eventBytes: number }>()
  readonly #topics = new Set<string>()

  private constructor(duckDb: DuckDb, servers: KafkaAlone, folder: string) {
    this.duckDb = duckDb
    this.#servers = servers
    this.#folder = folder
  }

  static async start(folder: string): Promise<Bench> {
    const units = join(folder, 'units')
    mkdirSync(units)
    return new Bench(await DuckDb.start(units), await startKafka(), folder)
  }

  async stop(): Promise<void> {
    await this.duckDb.stop()
    await this.#servers.stop()
  }

  async measure(
    each: StageCase,
    runs: number,
    isFloor: boolean,
    goAhead: GoAhead,
  ): Promise<Omit<CaseResult, 'axis' | 'label'>> {
    const { path, eventBytes } = this.#file(each)
    const target = await this.#topic(each, path)
    const contenders = isFloor
      ? await floorStages(target, readUnits(path, each.eventCount, each.unitRows), eventSpec(target.topic))
      : await this.#contenders(each, path, target)
    try {
      await goAhead.before(`${isFloor ? 'floor' : each.axis} ${each.label}`)
      const measured = await inTurns(contenders, runs, each.eventCount)
      return { eventBytes, events: each.eventCount, measured }
    } finally {
      for (const { close } of contenders) await close?.()
    }
  }

  async #contenders(each: StageCase, path: string, target: StageTopic): Promise<Contender[]> {
    const { eventCount, unitRows, kafkaOnly } = each
    const kafka = await kafkaStage(target, each, this.#folder)
    if (kafkaOnly) return [kafka]
    const units = readUnits(path, eventCount, unitRows)
    const spec = eventSpec(target.topic)
    const duckDb = await this.duckDb.stage(path, target.topic, eventCount, unitRows)
    return [kafka, planeStage(units, spec), exactStage(units, spec), duckDb]
  }

  /** The events, as many as any case wants of them. */
  #file(each: StageCase): { readonly path: string; readonly eventBytes: number } {
    const key = JSON.stringify(each.events)
    const known = this.#files.get(key)
    if (known !== undefined) return known
    const path = join(this.#folder, `events-${this.#files.size}.ndjson`)
    const count = Math.max(
      ...stageCases.filter(({ events }) => JSON.stringify(events) === key).map(({ eventCount }) => eventCount),
    )
    const made = { path, eventBytes: writeEvents(path, count, each.events) }
    this.#files.set(key, made)
    return made
  }

  async #topic({ codec }: StageCase, path: string): Promise<StageTopic> {
    const topic = `stages-${[...this.#files.values()].findIndex((file) => file.path === path)}-${codec}`
    const target = { bootstrapServers: this.#servers.settings.kafka.bootstrapServers, topic }
    if (!this.#topics.has(topic)) await fillTopic(target, path, codec)
    this.#topics.add(topic)
    return target
  }
}

import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { seededRandom } from '@silt/core'
import { createEventGenerator } from '@silt/cli/demo-events'
import { expect } from 'vitest'
import { runPython } from './python.ts'
import { silt, SiltProcess } from './silt-process.ts'
import { expectSoundTable } from './sound-table.ts'

const script = (name: string): string => fileURLToPath(new URL(`../conformance/${name}`, import.meta.url))

/** A table settled from files by one process, all below one folder. */
export class EmbeddedTable {
  readonly folder: string
  readonly tablePath: string
  readonly topicFolder: string
  readonly environment: Readonly<Record<string, string>>
  readonly #generator = createEventGenerator(seededRandom(7))
  #eventMs = Date.UTC(2026, 2, 1)

  constructor(folder: string, settings: Readonly<Record<string, string>> = {}) {
    this.folder = folder
    this.tablePath = join(folder, 'table')
    this.topicFolder = join(folder, 'topics', 'events')
    this.environment = {
      TOPICS_DIR: join(folder, 'topics'),
      KAFKA_TOPIC: 'events',
      DELTA_TABLE_PATH: this.tablePath,
      ...settings,
    }
  }

  /** Appends whole lines to one partition. */
  async append(partition: number, lines: readonly string[]): Promise<void> {
    await mkdir(this.topicFolder, { recursive: true })
    await appendFile(join(this.topicFolder, `${partition}.ndjson`), lines.map((line) => `${line}\n`).join(''))
  }

  async appendGenerated(partition: number, count: number): Promise<void> {
    const lines = Array.from({ length: count }, () => this.#generator.next((this.#eventMs += 1234)))
    await this.append(partition, lines)
  }

  /** A process that runs until it is ended. */
  run(): SiltProcess {
    return new SiltProcess('silt run', ['run'], this.environment)
  }

  /** `silt run --until-idle`; expects exit code 0. */
  async settle(): Promise<void> {
    const { code, stdout, stderr } = await silt(['run', '--until-idle'], this.environment)
    expect(code, stdout.slice(-4000) + stderr).toBe(0)
  }

  silt(...args: readonly string[]): ReturnType<typeof silt> {
    return silt(args, this.environment)
  }

  /** What deltalake does to it (`other_engine.py`); answers the version after it. */
  async byDeltalake(action: string, ...args: readonly string[]): Promise<number> {
    const { version } = await runPython<{ version: number }>(script('other_engine.py'), [
      this.tablePath,
      action,
      ...args,
    ])
    return version
  }

  /** Rows deltalake wrote, as every engine reads them: user, timestamp in µs, metadata. */
  foreignRows(): Promise<Readonly<Record<string, readonly (readonly unknown[])[]>>> {
    return runPython(script('foreign_rows.py'), [this.tablePath])
  }

  async auditReport(): Promise<{
    readonly verdict: string
    readonly rows: number
    readonly deadLetters: number
    readonly foreignRows: number
  }> {
    const { stdout, stderr } = await this.silt('audit', '--json')
    expect(stdout, stderr).toMatch(/^\{/)
    return JSON.parse(stdout) as Awaited<ReturnType<EmbeddedTable['auditReport']>>
  }

  expectSound(): Promise<void> {
    return expectSoundTable(this.environment)
  }
}

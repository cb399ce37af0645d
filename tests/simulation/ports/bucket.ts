import type { ObjectInfo, PutIfAbsentResult, PutResult } from '@silt/core'
import { MemoryStore } from '@silt/object-store'
import { fileKey, type TableName } from '../history.ts'
import type { JobWatch } from '../job-watch.ts'
import type { Recorder } from '../recorder.ts'
import type { Tally } from '../tally.ts'

const versionOfKey = /^_delta_log\/(\d{20})\.json$/

/** The truth of one table's objects, and what is kept of it for the properties. */
export class Bucket {
  readonly name: TableName
  readonly nowMs: () => number
  readonly objects: MemoryStore
  /** Until then no committer reaches it, wall ms. */
  awayUntilMs = 0
  readonly #recorder: Recorder
  readonly #jobs: JobWatch
  readonly #tally: Tally

  constructor(name: TableName, nowMs: () => number, recorder: Recorder, jobs: JobWatch, tally: Tally) {
    this.name = name
    this.nowMs = nowMs
    this.#recorder = recorder
    this.#jobs = jobs
    this.#tally = tally
    this.objects = new MemoryStore({ clock: { nowMs, monotonicMs: nowMs, sleep: never }, location: name })
  }

  async put(key: string, body: Uint8Array, by: string): Promise<PutResult> {
    const result = await this.objects.put(key, body)
    this.#record(key, body, by)
    return result
  }

  async putIfAbsent(key: string, body: Uint8Array, by: string): Promise<PutIfAbsentResult> {
    const result = await this.objects.putIfAbsent(key, body)
    if (result.kind === 'created') this.#record(key, body, by)
    else this.#refused(key, by)
    return result
  }

  /** An ingestor goes by what it reads here. */
  wasRead(key: string, by: string): void {
    if (key.startsWith('_delta_log/')) this.#jobs.learnt(by)
  }

  async page(prefix: string, startAfter: string | undefined, keysMax: number): Promise<readonly ObjectInfo[]> {
    const page: ObjectInfo[] = []
    for await (const info of this.objects.list(prefix, startAfter === undefined ? {} : { startAfter })) {
      page.push(info)
      if (page.length === keysMax) break
    }
    return page
  }

  /** Another engine's: Silt's port has no delete. */
  remove(key: string, by: string): void {
    this.objects.removeAsAnother(key)
    this.#recorder.deleted(this.name, key, by)
  }

  /** By whose version: another committer's, another process's, its own. */
  #refused(key: string, by: string): void {
    const version = versionOfKey.exec(key)?.[1]
    if (version === undefined) return
    const winner = this.#recorder.entries.find((each) => each.table === this.name && each.version === Number(version))
    const whose = winner?.by === by ? 'itself' : kindOf(winner?.by ?? 'nobody-')
    this.#tally.add(`conflict: ${kindOf(by)} against ${whose}, ${this.name}`)
  }

  #record(key: string, body: Uint8Array, by: string): void {
    const version = versionOfKey.exec(key)?.[1]
    if (version !== undefined) this.#recorder.landed(this.name, Number(version), body, by)
    else if (key.endsWith('.parquet') && !key.startsWith('_delta_log/')) {
      this.#jobs.filePut(by, key, body, this.#recorder.files.get(fileKey(this.name, key)))
      this.#recorder.filePut(this.name, key, body)
    }
  }
}

function kindOf(process: string): string {
  return process.slice(0, process.indexOf('-'))
}

function never(): Promise<void> {
  return new Promise(() => undefined)
}

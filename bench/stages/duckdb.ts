import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { python } from '../../tests/support/python.ts'
import type { Contender, Sample } from '../measure/in-turns.ts'
import { arrivalSql, topicId } from './event-units.ts'

const script = fileURLToPath(new URL('duckdb_copy.py', import.meta.url))

/** A DuckDB of its own process, one thread, that copies NDJSON files to Parquet. */
export class DuckDb {
  readonly version: string
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<string>

  private constructor(child: ChildProcess, answers: AsyncIterator<string>, version: string) {
    this.#child = child
    this.#answers = answers
    this.version = version
  }

  /** Its files are in `folder`, which is the caller's. */
  static async start(folder: string): Promise<DuckDb> {
    const child = spawn(python, [script, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const { version } = (await answered(answers)) as { version: string }
    return new DuckDb(child, answers, version)
  }

  /** Copies the first events of the file, one COPY for each unit, the same provenance columns included. */
  async stage(path: string, topic: string, eventCount: number, unitRows: number): Promise<Contender> {
    const provenance = [
      `'${topic}' AS _topic`,
      `'${topicId}' AS _topic_id`,
      '0::INTEGER AS _partition',
      'o AS _offset',
      `${arrivalSql} AS _kafka_timestamp`,
      'NULL::VARCHAR AS _rescued',
    ].join(', ')
    await this.#ask({ prepare: path, eventCount, unitRows, provenance })
    return { name: 'duckdb', sample: () => this.#ask({ copy: true }) as Promise<Sample> }
  }

  async stop(): Promise<void> {
    // Not 'close': what nobody reads of its output keeps that from coming.
    const ended = once(this.#child, 'exit')
    this.#child.stdin?.end()
    await ended
  }

  #ask(request: object): Promise<unknown> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`)
    return answered(this.#answers)
  }
}

async function answered(answers: AsyncIterator<string>): Promise<unknown> {
  const next = await answers.next()
  if (next.done === true) throw new Error('DuckDB ended: its message is above')
  return JSON.parse(next.value)
}

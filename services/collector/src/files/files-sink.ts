import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '@silt/core'
import type { CollectedEvent } from '../events/split-events.ts'
import { GroupAppend } from '../group-append.ts'
import type { AppendFailure, EventSink } from '../sink.ts'
import { fileError } from './file-error.ts'
import { LineFile } from './line-file.ts'

export interface FilesSinkOptions {
  /** TOPICS_DIR. */
  readonly topicsDir: string
  readonly topic: string
  readonly clock: Pick<Clock, 'sleep'>
}

const groupBytesMax = 8 * 1024 * 1024
/** Files keep order without keys, so one partition is enough. */
const partitionFile = '0.ndjson'

/** Appends events as lines to `<topicsDir>/<topic>/0.ndjson`, many requests with one sync. */
export class FilesSink implements EventSink {
  readonly #folder: string
  readonly #lines: GroupAppend<string>

  constructor({ topicsDir, topic, clock }: FilesSinkOptions) {
    this.#folder = join(topicsDir, topic)
    const file = new LineFile(join(this.#folder, partitionFile), clock)
    this.#lines = new GroupAppend({ write: (lines) => file.append(lines).then(() => []), groupBytesMax })
  }

  append(events: readonly CollectedEvent[], signal: AbortSignal): Promise<readonly AppendFailure[]> {
    const lines = events.map(({ text }) => asLine(text))
    const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0)
    return this.#lines.add(lines, bytes, signal)
  }

  async check(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true })
      await access(this.#folder, constants.W_OK | constants.X_OK)
    } catch (error) {
      throw fileError(error, this.#folder)
    }
  }

  close(): Promise<void> {
    return this.#lines.idle()
  }
}

/** JSON holds raw line breaks only between tokens, where a space means the same. */
function asLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, ' ') : text
}

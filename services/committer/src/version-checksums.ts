import { asSiltError, type Clock, type Log, type ObjectStore } from '@silt/core'
import { checksumOf, writeChecksum, type TableState } from '@silt/delta'

/** Puts under way at the same time; what comes beyond them goes without. */
const putsAtOnceMax = 4

/**
 * Writes the version checksum of what this process committed, after the commit and never waited for (Delta PROTOCOL § Version Checksum File). A version
 * may go without: its process died first, its files are not counted, or the store was too slow. A failure is told of once, until one succeeds.
 */
export class VersionChecksums {
  readonly #log: Log
  readonly #underWay = new Set<Promise<void>>()
  #toldCode: string | undefined

  constructor(log: Log) {
    this.#log = log
  }

  /** Starts to write the checksum of `state`, which has just been committed with `token`, and returns at once. */
  start(store: ObjectStore, state: TableState, token: string): void {
    if (this.#underWay.size >= putsAtOnceMax) return
    const checksum = checksumOf(state, token)
    if (checksum === undefined) return
    const put = this.#put(store, state.version, () => writeChecksum(store, state.version, checksum)).finally(() =>
      this.#underWay.delete(put),
    )
    this.#underWay.add(put)
  }

  /** Settles once what was started has ended, after `maxMs` at the latest. */
  async settled(clock: Clock, maxMs: number): Promise<void> {
    if (this.#underWay.size === 0) return
    const over = new AbortController()
    const ended = Promise.all(this.#underWay).then(() => over.abort())
    await Promise.race([ended, clock.sleep(maxMs, over.signal)])
  }

  async #put(store: ObjectStore, version: number, write: () => Promise<void>): Promise<void> {
    try {
      await write()
      this.#toldCode = undefined
    } catch (cause) {
      const error = asSiltError(cause)
      const { code, kind, message } = error
      if (code !== this.#toldCode)
        this.#log.warn(
          { version, code, kind, error },
          `could not write a version checksum to ${store.location}: ${message}`,
        )
      this.#toldCode = code
    }
  }
}

/** Says of a table just loaded which of its checkpoints could not be read, and in what its newest version checksum differs from its log. */
export function tellLogProblems(log: Log, location: string, state: TableState): void {
  if (state.unreadableCheckpoints !== undefined)
    log.warn(
      { version: state.version, code: 'delta/broken-log', checkpoints: state.unreadableCheckpoints },
      `a checkpoint at ${location} cannot be read, and an older one was read with the commits since: run silt table check`,
    )
  if (state.checksumProblems === undefined) return
  log.warn(
    { version: state.version, code: 'delta/checksum-differs', problems: state.checksumProblems },
    `the version checksum at ${location} says otherwise than the log, which counts: run silt table check`,
  )
}

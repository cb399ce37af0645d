import type { Action } from '../actions/action.ts'

/** Live files of a version and their bytes: `numFiles` and `tableSizeBytes` of its checksum. */
export interface FileTally {
  readonly files: number
  readonly bytes: number
}

/** Of a table before its first version. */
export const emptyTally: FileTally = Object.freeze({ files: 0, bytes: 0 })

/**
 * The tally after one more commit; undefined where its actions alone do not tell it. They do for a commit without file actions and for one whose
 * file actions are all `add`s with `dataChange`, which bring new files. What a `remove` takes away, and whether an `add` without `dataChange` stands
 * for a file that was live before, only the file list knows. Pure.
 */
export function tallyAfter(tally: FileTally | undefined, actions: readonly Action[]): FileTally | undefined {
  if (tally === undefined) return undefined
  let { files, bytes } = tally
  for (const action of actions) {
    if ('remove' in action || ('add' in action && !action.add.dataChange)) return undefined
    if (!('add' in action)) continue
    files++
    bytes += action.add.size
  }
  return exactTally({ files, bytes })
}

/** The tally, where it can be told exactly: sums beyond 2^53 - 1 cannot. */
export function exactTally(tally: FileTally): FileTally | undefined {
  return Number.isSafeInteger(tally.bytes) ? tally : undefined
}

/** Versions a `TallyTrail` remembers, at most. */
const trailVersionsMax = 10_000

/** What the newest versions added, so that a count of the files of an older version, which took its time, still tells the newest version's tally. */
export class TallyTrail {
  /** Ascending and contiguous; the tally a version adds to the one before it. */
  readonly #added: { readonly version: number; readonly tally: FileTally | undefined }[] = []

  note(version: number, actions: readonly Action[]): void {
    if (this.#added.at(-1)?.version !== version - 1) this.#added.length = 0
    this.#added.push({ version, tally: tallyAfter(emptyTally, actions) })
    if (this.#added.length > trailVersionsMax) this.#added.splice(0, trailVersionsMax / 2)
  }

  /** The tally of version `to`, from that of version `from`; undefined where what lies between is not known. */
  carry(tally: FileTally, from: number, to: number): FileTally | undefined {
    if (from > to) return undefined
    let { files, bytes } = tally
    let reached = from
    for (const added of this.#added) {
      if (added.version <= from || added.version > to) continue
      if (added.version !== reached + 1 || added.tally === undefined) return undefined
      files += added.tally.files
      bytes += added.tally.bytes
      reached = added.version
    }
    return reached === to ? exactTally({ files, bytes }) : undefined
  }
}

/** Adds up what the entries of a segment bring after version `from`; -1: from the start. */
export class TallySince {
  readonly from: number
  #tally: FileTally | undefined = emptyTally
  #reached: number

  constructor(from: number) {
    this.from = from
    this.#reached = from
  }

  /** Undefined where the entries do not tell. */
  get tally(): FileTally | undefined {
    return this.#tally
  }

  take({
    first,
    last,
    actions,
  }: {
    readonly first: number
    readonly last: number
    readonly actions: readonly Action[]
  }): void {
    if (last <= this.#reached) return
    this.#tally = first <= this.#reached ? undefined : tallyAfter(this.#tally, actions)
    this.#reached = last
  }
}

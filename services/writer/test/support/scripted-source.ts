import { SiltError, systemClock, type ReadRequest, type RecordSlab, type Source } from '@silt/core'
import { MemorySource } from '@silt/source'

/** A topic as plain data, for a source that may be in another thread. */
export interface TopicScript {
  /** Values a partition. */
  readonly values: readonly (readonly string[])[]
  /** Partition and offset at which reading fails as if the broker were away. */
  readonly awayAt?: readonly [partition: number, offset: number]
  /** Where reading waits until it is aborted. */
  readonly stuckAt?: readonly [partition: number, offset: number]
  /** How the thread dies over what is deadly. Default: it exits. */
  readonly dies?: 'of memory'
}

export const scriptedTopic = 'events'
export const scriptedTopicId = 'topic-id-1'

/** Slabs of ten records, and what the script says between them. */
export class ScriptedSource implements Pick<Source, 'read'> {
  readonly #script: TopicScript
  readonly #source = new MemorySource({ clock: systemClock, slabRecordsMax: 10 })

  constructor(script: TopicScript) {
    this.#script = script
    this.#source.createTopic(scriptedTopic, script.values.length, scriptedTopicId)
    script.values.forEach((values, partition) =>
      this.#source.append(
        scriptedTopic,
        partition,
        values.map((value) => ({ value, timestampMs: 1_700_000_000_000 })),
      ),
    )
  }

  async *read(request: ReadRequest, signal: AbortSignal): AsyncGenerator<RecordSlab> {
    for await (const slab of this.#source.read(request, signal)) {
      if (isIn(slab, this.#script.awayAt))
        throw new SiltError('unavailable', 'source/unavailable', 'the broker is away')
      if (isIn(slab, this.#script.stuckAt)) await aborted(signal)
      signal.throwIfAborted()
      yield slab
    }
  }
}

function isIn({ partition, start, nextOffset }: RecordSlab, at: TopicScript['awayAt']): boolean {
  return at !== undefined && at[0] === partition && at[1] >= start && at[1] < nextOffset
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

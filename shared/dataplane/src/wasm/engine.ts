import { assert, systemRandom, type Random } from '@silt/core'
import { exactDouble } from '../scan/exact-double.ts'
import type { Address, LeafSink, PlaneExports } from './exports.ts'
import { loadPlane } from './load.ts'

/** Pages of 64 KiB, as compile/compile.js gives them to the compiler. Address space: only what is touched is resident. */
const memoryPages = 8192

/**
 * One instance of the plane over its own memory.
 *
 * 1. The memory is imported with its initial size as its maximum: it never grows, so `bytes`, `words` and `view` are never detached.
 * 2. A call that throws (a trap: memory full) leaves the instance undefined: give it up with everything in it.
 * 3. `touchedBytes` never falls; an owner that bounds its resident memory replaces the instance.
 *
 * Synchronous; used by one thread. `dataplane/not-built` and `dataplane/outdated` (invalid) as `loadPlane` gives them.
 */
export class Engine {
  readonly exports: PlaneExports
  readonly bytes: Buffer<ArrayBuffer>
  readonly words: Uint32Array
  readonly view: DataView
  readonly #sinks: (LeafSink | undefined)[] = []
  readonly #free: number[] = []

  /** What `random` gives hashes begin with, so that nobody who writes events knows. What is written does not depend on it. */
  constructor(module: WebAssembly.Module = loadPlane(), random: Pick<Random, 'uuid'> = systemRandom) {
    const memory = new WebAssembly.Memory({ initial: memoryPages, maximum: memoryPages })
    this.bytes = Buffer.from(memory.buffer)
    this.words = new Uint32Array(memory.buffer)
    this.view = new DataView(memory.buffer)
    const instance = new WebAssembly.Instance(module, {
      env: { memory, abort: () => assert(false, 'the plane aborted') },
      host: {
        page: (leaf: number, report: number) => this.#page(leaf, report >>> 0),
        dictionary: (leaf: number, at: number, length: number, count: number) =>
          this.#sink(leaf).dictionary(at >>> 0, length >>> 0, count >>> 0),
        hashes: (leaf: number, at: number, count: number) => this.#sink(leaf).hashes(at >>> 0, count >>> 0),
        exactDouble: (at: number, length: number) => exactDouble(this.bytes, at >>> 0, length),
      },
    })
    this.exports = instance.exports as unknown as PlaneExports
    const seed = Buffer.from(random.uuid().replaceAll('-', ''), 'hex')
    this.exports.seedHashes(seed.readBigUInt64LE(0), seed.readBigUInt64LE(8))
  }

  get touchedBytes(): number {
    return this.exports.touched() >>> 0
  }

  /** The index a new leaf takes, so that `sink` gets what it gives away. */
  attach(sink: LeafSink): number {
    const index = this.#free.pop() ?? this.#sinks.length
    this.#sinks[index] = sink
    return index
  }

  detach(index: number): void {
    this.#sinks[index] = undefined
    this.#free.push(index)
  }

  /** A block with a copy of `source`; the caller releases it. */
  copyIn(source: Uint8Array): Address {
    const at = this.exports.alloc(source.byteLength) >>> 0
    this.bytes.set(source, at)
    return at
  }

  #sink(index: number): LeafSink {
    const sink = this.#sinks[index]
    assert(sink !== undefined, `leaf ${index} has no sink`)
    return sink
  }

  /** The report's words are laid out as assembly/columns/page.ts writes them. */
  #page(leaf: number, report: Address): void {
    const word = (index: number) => this.words[(report >> 2) + index] as number
    this.#sink(leaf).page({
      at: word(0),
      length: word(1),
      slots: word(2),
      present: word(3),
      rows: word(4),
      listNulls: word(5),
      encoding: word(6),
      flags: word(7),
      minAt: word(8),
      minLength: word(9),
      maxAt: word(10),
      maxLength: word(11),
    })
  }
}

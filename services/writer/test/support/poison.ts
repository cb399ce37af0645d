import type { RecordSlab } from '@silt/core'
import type { EncodeRequest } from '../../src/encode/encode-messages.ts'

/** What a record holds that kills, and how. */
export const poisons = {
  exit: 'POISON-EXIT',
  memory: 'POISON-MEMORY',
  trap: 'POISON-TRAP',
  kill: 'POISON-KILL',
} as const

/** Does to the thread or process it runs in what a fault of the decoder would, if the slab to be decoded holds a poison. */
export function takePoison(request: EncodeRequest): void {
  if (request.kind === 'push') takePoisonOf(request.slab)
}

export function takePoisonOf({ bytes, valueStarts, valueEnds }: RecordSlab): void {
  // The bytes may hold more than the slab's records.
  const values = [...valueStarts].map((start, k) => Buffer.from(bytes.subarray(Math.max(0, start), valueEnds[k])))
  const holds = (poison: string): boolean => values.some((value) => value.includes(poison))
  if (holds(poisons.exit)) process.exit(13)
  if (holds(poisons.kill)) process.kill(process.pid, 'SIGKILL')
  if (holds(poisons.trap)) unreachableInWasm()
  if (holds(poisons.memory)) fillTheHeap()
}

/** A module whose one function, `f`, is the instruction `unreachable`. */
const trapModule = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00],
  ...[0x0a, 0x05, 0x01, 0x03, 0x00, 0x00, 0x0b],
)

/** As far as it is needed; Node's types leave it to the browser's. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: { readonly f: () => void } }
}

function unreachableInWasm(): void {
  new WebAssembly.Instance(new WebAssembly.Module(trapModule)).exports.f()
}

export function fillTheHeap(): void {
  const kept: unknown[] = []
  for (;;) kept.push(new Array(100_000).fill(kept.length))
}

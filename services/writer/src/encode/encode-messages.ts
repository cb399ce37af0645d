import { isMarkedAsUntransferable } from 'node:worker_threads'
import {
  asSiltError,
  assert,
  SiltError,
  type EncodedUnit,
  type EncodeSpec,
  type ErrorContext,
  type ErrorKind,
  type OffsetRange,
  type RecordSlab,
} from '@silt/core'

/** What crosses between an encoder and its worker threads or processes. Every request but `abandon` is answered once, in order. */
export type EncodeRequest =
  | { readonly kind: 'open'; readonly session: number; readonly spec: EncodeSpec }
  | { readonly kind: 'push'; readonly session: number; readonly slab: RecordSlab }
  | { readonly kind: 'condemn'; readonly session: number; readonly slab: RecordSlab; readonly detail: string }
  | { readonly kind: 'finish'; readonly session: number; readonly ranges: readonly OffsetRange[] }
  | { readonly kind: 'abandon'; readonly session: number }

export type EncodeReply =
  | { readonly kind: 'opened'; readonly session: number }
  | { readonly kind: 'pushed'; readonly session: number; readonly room: 'more' | 'full' }
  | { readonly kind: 'condemned'; readonly session: number }
  | { readonly kind: 'finished'; readonly session: number; readonly unit: EncodedUnit }
  | { readonly kind: 'failed'; readonly session: number; readonly error: PlainError }

/** A SiltError as data: structured clone keeps neither class nor fields. */
export interface PlainError {
  readonly kind: ErrorKind
  readonly code: string
  readonly message: string
  readonly context: ErrorContext
}

export function plainError(thrown: unknown): PlainError {
  const { kind, code, message, context, stack } = asSiltError(thrown)
  return { kind, code, message, context: kind === 'internal' ? { ...context, stack } : { ...context } }
}

export function thrownError(error: PlainError): SiltError {
  return new SiltError(error.kind, error.code, error.message, { context: error.context })
}

/**
 * The slab ready to be posted, and what to transfer with it. A view of a whole buffer is transferred, a part of one is copied first:
 * the rest of its buffer may be someone else's.
 */
export function transferableSlab(slab: RecordSlab): { readonly slab: RecordSlab; readonly transfer: ArrayBuffer[] } {
  assert(slab.sizeBytes === slab.bytes.byteLength, 'a slab in memory that holds more is not sent anywhere')
  const transfer = new Set<ArrayBuffer>()
  const own = <T extends Uint8Array | Int32Array | Float64Array>(view: T): T => {
    const { buffer } = view
    const isWhole =
      buffer instanceof ArrayBuffer && view.byteLength === buffer.byteLength && !isMarkedAsUntransferable(buffer)
    const owned = isWhole && !transfer.has(buffer) ? view : (copyOf(view) as T)
    transfer.add(owned.buffer as ArrayBuffer)
    return owned
  }
  return {
    slab: {
      ...slab,
      offsets: own(slab.offsets),
      timestampsMs: own(slab.timestampsMs),
      bytes: own(slab.bytes),
      keyStarts: own(slab.keyStarts),
      keyEnds: own(slab.keyEnds),
      valueStarts: own(slab.valueStarts),
      valueEnds: own(slab.valueEnds),
      headerStarts: own(slab.headerStarts),
      headerEnds: own(slab.headerEnds),
    },
    transfer: [...transfer],
  }
}

/** Not `view.slice()`: a Buffer's shares its memory. */
function copyOf(view: Uint8Array | Int32Array | Float64Array): Uint8Array | Int32Array | Float64Array {
  if (view instanceof Uint8Array) return new Uint8Array(view)
  return view.slice()
}

/** The buffers of the files, where each file fills its own. */
export function transferableFiles(unit: EncodedUnit): ArrayBuffer[] {
  const transfer = new Set<ArrayBuffer>()
  for (const { bytes } of [...unit.files, ...unit.deadLetterFiles])
    if (
      bytes.buffer instanceof ArrayBuffer &&
      bytes.byteLength === bytes.buffer.byteLength &&
      !isMarkedAsUntransferable(bytes.buffer)
    )
      transfer.add(bytes.buffer)
  return [...transfer]
}

import { isMarkedAsUntransferable } from 'node:worker_threads'
import {
  asSiltError,
  SiltError,
  type EncodedUnit,
  type EncodeSpec,
  type ErrorContext,
  type ErrorKind,
  type OffsetRange,
  type RecordSlab,
} from '@silt/core'

/** What crosses between an encoder and its process. Every request but `abandon` is answered once, in order. */
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

/** The buffers of the files, where each begins its own. */
export function transferableFiles(unit: EncodedUnit): ArrayBuffer[] {
  const transfer = new Set<ArrayBuffer>()
  for (const { bytes } of [...unit.files, ...unit.deadLetterFiles])
    if (
      bytes.buffer instanceof ArrayBuffer &&
      bytes.byteOffset === 0 &&
      bytes.byteLength > 0 &&
      !isMarkedAsUntransferable(bytes.buffer)
    )
      transfer.add(bytes.buffer)
  return [...transfer]
}

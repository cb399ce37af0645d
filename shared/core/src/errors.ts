/** What the caller must do next; retrying follows from the kind alone (style.md § Errors). */
export type ErrorKind =
  'unavailable' | 'ambiguous' | 'conflict' | 'fenced' | 'data' | 'unsupported' | 'invalid' | 'internal'

export type ErrorContext = Readonly<Record<string, string | number | boolean | null | undefined>>

/**
 * The only error that crosses a package border.
 * `code` is stable, `area/what-happened` (for example `store/not-found`), and is what tests compare.
 * `message` names the setting or file at fault and the remedy.
 */
export class SiltError extends Error {
  readonly code: string
  readonly kind: ErrorKind
  readonly context: ErrorContext

  constructor(
    kind: ErrorKind,
    code: string,
    message: string,
    options: { context?: ErrorContext; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'SiltError'
    this.kind = kind
    this.code = code
    this.context = Object.freeze({ ...options.context })
  }
}

export function isSiltError(error: unknown, code?: string): error is SiltError {
  return error instanceof SiltError && (code === undefined || error.code === code)
}

/** Whether trying the same call again, later, can help: only while something is away. */
export function shouldRetry(error: unknown): boolean {
  return isSiltError(error) && error.kind === 'unavailable'
}

/** Any thrown value as a SiltError; an unknown one is our bug (`internal/unexpected`). */
export function asSiltError(error: unknown): SiltError {
  if (error instanceof SiltError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new SiltError('internal', 'internal/unexpected', message, { cause: error })
}

/** A bug if it throws: the condition must hold by construction. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new SiltError('internal', 'internal/assertion', message)
}

/** Makes a switch over a union exhaustive. */
export function unreachable(value: never): never {
  throw new SiltError('internal', 'internal/unreachable', `unexpected value ${JSON.stringify(value)}`)
}

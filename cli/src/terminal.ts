import type { Clock, Random } from '@silt/core'
import type { Redaction } from '@silt/telemetry'

/** What a command may touch of the process it runs in. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly random: Random
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal
  /** Whether standard error is a terminal a person looks at. */
  readonly interactive: boolean
  /** What no line may show; grows as settings are read and rotated. */
  readonly secrets: Redaction
  readTextFile(path: string): string
  /** Whether standard output is a terminal, too. */
  readonly printsToPerson: boolean
  /** Bytes to standard output; fulfilled once there is room for more. */
  write(bytes: Uint8Array): Promise<void>
  /** A line to standard output. */
  print(line: string): void
  /** Text to standard error, as it is. */
  note(text: string): void
}

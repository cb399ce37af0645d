/** Structured log, one line an event; fields as in architecture.md § 8. Never given secrets or payload. */
export interface Log {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  child(fields: LogFields): Log
}

export interface LogFields {
  readonly actor?: string
  readonly table?: string
  readonly topic?: string
  readonly partition?: number
  readonly unit?: string
  readonly version?: number
  readonly code?: string
  readonly kind?: string
  readonly ms?: number
  readonly error?: unknown
  readonly [extra: string]: unknown
}

/** Metrics by name; names, labels and help live in one table in `@silt/telemetry`, which rejects unknown ones. */
export interface Metrics {
  count(name: string, labels: Readonly<Record<string, string>>, by?: number): void
  gauge(name: string, labels: Readonly<Record<string, string>>, value: number): void
  observe(name: string, labels: Readonly<Record<string, string>>, value: number): void
  /** Ends a gauge's series: what it spoke of is another process's now, or gone. One that is not there is passed over. */
  withdraw(name: string, labels: Readonly<Record<string, string>>): void
}

/** A stretch of a unit's way; times are wall ms. Never given secrets or payload. */
export interface TraceSpan {
  readonly name: string
  readonly startMs: number
  readonly endMs: number
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
  /** Why it failed; undefined where it did not. */
  readonly failure?: string
  readonly children?: readonly TraceSpan[]
}

/**
 * Where the ways of units are told, from being cut to being committed. A unit's trace follows from its id, so the actors need not hand anything on:
 * trace id = the unit id twice, span id of the whole = the unit id. Telling costs nothing that could fail or wait; what is told may be lost.
 */
export interface Traces {
  /** The whole way, by who cut the unit. */
  whole(unitId: string, span: TraceSpan): void
  /** A part of it. */
  part(unitId: string, span: TraceSpan): void
}

import { inspect } from 'node:util'
import pino, { type DestinationStream, type Logger } from 'pino'
import { SiltError, type Log, type LogFields } from '@silt/core'
import { Redaction } from './redaction.ts'

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** What no line may show; a `Redaction` may learn more while the log is in use. */
  readonly secrets: readonly string[] | Redaction
  /** Where lines go; standard output when left out. */
  readonly destination?: DestinationStream
}

/** JSON lines by pino: time, level, actor, table, topic, partition, unit, version, code, kind, ms, msg. */
export function createJsonLog(options: LogOptions): Log {
  const destination = options.destination ?? pino.destination({ fd: 1, sync: true })
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    redacting(destination, options.secrets),
  )
  return wrap(logger)
}

function wrap(logger: Logger): Log {
  return {
    debug: (fields, message) => logger.debug(flatten(fields), message),
    info: (fields, message) => logger.info(flatten(fields), message),
    warn: (fields, message) => logger.warn(flatten(fields), message),
    error: (fields, message) => logger.error(flatten(fields), message),
    child: (fields) => wrap(logger.child(flatten(fields))),
  }
}

/** An error becomes code, kind and its chain of messages; a stack only for our own bugs. */
function flatten(fields: LogFields): Record<string, unknown> {
  const { error, ...rest } = fields
  if (error === undefined) return rest
  if (!(error instanceof SiltError))
    return { ...rest, code: 'internal/unexpected', error: describe(error), stack: stackOf(error) }
  const bug = error.kind === 'internal' ? { stack: stackOf(error) } : {}
  return { ...rest, code: error.code, kind: error.kind, error: describe(error), context: error.context, ...bug }
}

const causesMax = 5

function describe(error: unknown): string {
  const messages: string[] = []
  let current: unknown = error
  while (current !== undefined && current !== null && messages.length < causesMax) {
    messages.push(current instanceof Error ? current.message : inspect(current, { depth: 1 }))
    current = current instanceof Error ? current.cause : undefined
  }
  return messages.join(' <- ')
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined
}

function redacting(destination: DestinationStream, secrets: readonly string[] | Redaction): DestinationStream {
  const redaction = secrets instanceof Redaction ? secrets : new Redaction(secrets)
  return { write: (line: string) => void destination.write(redaction.apply(line)) }
}

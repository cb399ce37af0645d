import { inspect } from 'node:util'
import pino, { type DestinationStream, type Logger } from 'pino'
import { SiltError, type Log, type LogFields } from '@silt/core'

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Texts replaced by `[redacted]` wherever they occur in a line. */
  readonly secrets: readonly string[]
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

function redacting(destination: DestinationStream, secrets: readonly string[]): DestinationStream {
  const hidden = secrets
    .flatMap((secret) => [...new Set([secret, ...passwordOf(secret)])])
    .filter((text) => text.length >= 4)
  if (hidden.length === 0) return destination
  const escaped = hidden.map((text) => JSON.stringify(text).slice(1, -1))
  return {
    write: (line: string) => {
      destination.write(escaped.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), line))
    },
  }
}

/** The password inside a URL, as written and decoded. */
function passwordOf(secret: string): string[] {
  if (!URL.canParse(secret)) return []
  const { password } = new URL(secret)
  return password === '' ? [] : [password, decodeURIComponent(password)]
}

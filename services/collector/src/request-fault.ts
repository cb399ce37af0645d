/** Why a request is not taken, as its sender is told: `{error, code, remedy, …details}`. */
export interface RequestFault {
  readonly status: number
  readonly code: string
  readonly error: string
  readonly remedy: string
  readonly details?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

/** Where in a request the event stands, counted from 0; `line` counts from 1. */
export interface EventPlace {
  readonly index: number
  readonly line?: number
}

const oneObject =
  'send one JSON object, an array of objects, or one object a line with content-type application/x-ndjson'

export const notUtf8: RequestFault = {
  status: 400,
  code: 'collector/not-utf8',
  error: 'the body is not UTF-8',
  remedy: 'encode the JSON as UTF-8',
}

export const noEvents: RequestFault = {
  status: 400,
  code: 'collector/no-events',
  error: 'the body holds no event',
  remedy: oneObject,
}

export function notJson(place: EventPlace, reason: string): RequestFault {
  return {
    status: 400,
    code: 'collector/not-json',
    error: `${describePlace(place)} is not JSON: ${reason}`,
    remedy: 'nothing of this request was taken; correct it and send all of it again',
    details: { ...place },
  }
}

export function notAnObject(place: EventPlace, found: string): RequestFault {
  return {
    status: 400,
    code: 'collector/not-an-object',
    error: `${describePlace(place)} is ${found}, not an object`,
    remedy: oneObject,
    details: { ...place },
  }
}

export function tooManyEvents(count: number, max: number): RequestFault {
  return {
    status: 413,
    code: 'collector/too-many-events',
    error: `the request holds ${count} events, more than ${max} (HTTP_EVENTS_MAX)`,
    remedy: 'send them in several requests',
  }
}

export function bodyTooLarge(maxBytes: number): RequestFault {
  return {
    status: 413,
    code: 'collector/body-too-large',
    error: `the body is larger than ${maxBytes} bytes (HTTP_BODY_BYTES_MAX)`,
    remedy: 'send fewer events a request',
  }
}

export function busy(what: string): RequestFault {
  return {
    status: 503,
    code: 'collector/busy',
    error: `the collector is at its bound: ${what}`,
    remedy: 'nothing of this request was taken; send it again after the time in Retry-After',
    headers: { 'retry-after': '1' },
  }
}

export const stopping: RequestFault = {
  status: 503,
  code: 'collector/stopping',
  error: 'this collector is stopping',
  remedy: 'nothing of this request was taken; send it again',
  headers: { 'retry-after': '1' },
}

export const bodyTooSlow: RequestFault = {
  status: 408,
  code: 'collector/too-slow',
  error: 'the request did not arrive in time (HTTP_TIMEOUT_MS)',
  remedy: 'nothing of this request was taken; send it again',
}

function describePlace({ index, line }: EventPlace): string {
  return line === undefined ? `event ${index}` : `line ${line} (event ${index})`
}

import { closeSync, openSync, writeSync } from 'node:fs'
import { createEventMaker, type EventOptions } from './event-maker.ts'

const eventsPerWrite = 10_000

/** Writes so many events, one a line; returns the bytes of an event on average, without the newline. */
export function writeEvents(path: string, count: number, options: EventOptions): number {
  const maker = createEventMaker(options)
  const file = openSync(path, 'w')
  let bytes = 0
  try {
    for (let written = 0; written < count; written += eventsPerWrite) {
      const lines = Array.from({ length: Math.min(eventsPerWrite, count - written) }, () => `${maker.next()}\n`)
      bytes += writeSync(file, lines.join(''))
    }
  } finally {
    closeSync(file)
  }
  return bytes / count - 1
}

import type { SiltProcess } from './silt-process.ts'
import { waitFor } from './wait-for.ts'

/** The address a collector or console has told in its log that it listens on. */
export async function listeningAt(running: SiltProcess): Promise<string> {
  const line = await waitFor('its address', () => {
    if (!running.running) throw new Error(running.tail())
    return running.logs.find(({ port }) => typeof port === 'number')
  })
  return `http://127.0.0.1:${String(line['port'])}`
}

import { parentPort } from 'node:worker_threads'
import type { EncodeRequest } from '../../src/encode/encode-messages.ts'
import { takePoison } from './poison.ts'

/**
 * Loaded with `node --import` into every thread and process of a whole `silt`: its decoders die over records that hold a poison. The listener of
 * the decoder, put on later, is wrapped; a process that decodes nothing is left as it is.
 */
type Listen = (event: string | symbol, listener: (...values: never[]) => void) => unknown

function poisoned(on: Listen): Listen {
  return (event, listener) =>
    on(event, (...values: never[]) => {
      if (event === 'message') takePoison(values[0] as unknown as EncodeRequest)
      listener(...values)
    })
}

function poison(target: { on: unknown }): void {
  target.on = poisoned((target.on as Listen).bind(target))
}

if (parentPort !== null) poison(parentPort)
else if (process.argv[1]?.endsWith('encode-process.ts') === true) poison(process)

import { isMainThread } from 'node:worker_threads'
import type { RecordSlab } from '@silt/core'
import { PlaneEncoder } from '@silt/dataplane'
import type { EncodeRequest } from '../../src/encode/encode-messages.ts'
import { takePoison, takePoisonOf } from './poison.ts'

/**
 * Loaded with `node --import` into every thread and process of a whole `silt`: its decoders die over records that hold a poison. A process that decodes
 * nothing is left as it is.
 */
type Listen = (event: string | symbol, listener: (...values: never[]) => void) => unknown

/** The listener of the decoder, put on later, is wrapped. */
function poisoned(on: Listen): Listen {
  return (event, listener) =>
    on(event, (...values: never[]) => {
      if (event === 'message') takePoison(values[0] as unknown as EncodeRequest)
      listener(...values)
    })
}

if (!isMainThread) {
  const open = Reflect.get(PlaneEncoder.prototype, 'open')
  PlaneEncoder.prototype.open = async function (spec) {
    const session = await open.call(this, spec)
    const push = session.push.bind(session)
    session.push = (slab: RecordSlab) => {
      takePoisonOf(slab)
      return push(slab)
    }
    return session
  }
} else if (process.argv[1]?.endsWith('encode-process.ts') === true) {
  const target: { on: unknown } = process
  target.on = poisoned((process.on as Listen).bind(process))
}

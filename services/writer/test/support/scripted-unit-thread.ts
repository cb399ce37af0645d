import { parentPort, workerData } from 'node:worker_threads'
import { assert, systemClock } from '@silt/core'
import { ByteBudget } from '../../src/byte-budget.ts'
import { endWhenAsked } from '../../src/encode/end-thread.ts'
import { RenewingEncoder } from '../../src/encode/renewing-encoder.ts'
import { LocalUnitRunner } from '../../src/local-unit-runner.ts'
import { serveUnits } from '../../src/unit-threads/serve-units.ts'
import type { UnitRequest } from '../../src/unit-threads/unit-messages.ts'
import { DeadlyEncoder } from './deadly-encoder.ts'
import { fillTheHeap } from './poison.ts'
import { ScriptedSource, type TopicScript } from './scripted-source.ts'

const script = workerData as TopicScript

/** A thread that runs units of a scripted topic and dies over what is deadly. */
const port = parentPort
assert(port !== null, 'it runs as a worker thread')
const serve = serveUnits(
  () => {
    const die = script.dies === 'of memory' ? fillTheHeap : (): never => process.exit(13)
    const encoder = new DeadlyEncoder(new RenewingEncoder(), die)
    const source = new ScriptedSource(script)
    const budget = new ByteBudget(Infinity)
    return {
      runner: new LocalUnitRunner({ source, encoder, budget, clock: systemClock }),
      ...{ isSpent: false, touchedBytes: 0 },
      close: () => encoder.close(),
    }
  },
  (reply, transfer) => port.postMessage(reply, transfer),
)
endWhenAsked(port, (request) => serve(request as UnitRequest))

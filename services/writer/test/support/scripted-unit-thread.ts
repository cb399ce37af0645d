import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '@silt/core'
import { ByteBudget } from '../../src/byte-budget.ts'
import { RenewingEncoder } from '../../src/encode/renewing-encoder.ts'
import { LocalUnitRunner } from '../../src/local-unit-runner.ts'
import { serveUnits } from '../../src/unit-threads/serve-units.ts'
import { DeadlyEncoder } from './deadly-encoder.ts'
import { fillTheHeap } from './poison.ts'
import { ScriptedSource, type TopicScript } from './scripted-source.ts'

const script = workerData as TopicScript

/** A thread that runs units of a scripted topic and dies over what is deadly. */
parentPort?.on(
  'message',
  serveUnits(
    () => {
      const encoder = new DeadlyEncoder(
        new RenewingEncoder(),
        script.dies === 'of memory' ? fillTheHeap : () => process.exit(13),
      )
      const source = new ScriptedSource(script)
      const budget = new ByteBudget(Infinity)
      return {
        runner: new LocalUnitRunner({ source, encoder, budget, clock: systemClock }),
        isSpent: false,
        close: () => encoder.close(),
      }
    },
    (reply, transfer) => parentPort?.postMessage(reply, transfer),
  ),
)

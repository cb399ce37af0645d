import { parentPort, resourceLimits, workerData } from 'node:worker_threads'
import { assert, systemClock } from '@silt/core'
import { PlaneEncoder } from '@silt/dataplane'
import { LocalUnitRunner } from '../../src/local-unit-runner.ts'
import { serveUnitsOn } from '../../src/unit-threads/serve-units.ts'
import { DeadlyEncoder } from './deadly-encoder.ts'
import { fillTheHeap } from './poison.ts'
import { ScriptedSource, type TopicScript } from './scripted-source.ts'

const script = workerData as TopicScript

/** A thread that runs units of a scripted topic and dies over what is deadly. As what it has touched it tells how much its heap keeps before it looks for garbage. */
const port = parentPort
assert(port !== null, 'it runs as a worker thread')
serveUnitsOn(port, () => {
  const die = script.dies === 'of memory' ? fillTheHeap : (): never => process.exit(13)
  const encoder = new DeadlyEncoder(new PlaneEncoder(), die)
  const source = new ScriptedSource(script)
  return {
    runner: new LocalUnitRunner({ source, encoder, clock: systemClock }),
    ...{ isSpent: false, touchedBytes: (resourceLimits.maxYoungGenerationSizeMb ?? 0) * 2 ** 20 },
    close: () => encoder.close(),
  }
})

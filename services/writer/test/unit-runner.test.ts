import { SiltError, systemClock, type UnitEncoder } from '@silt/core'
import { PlaneEncoder } from '@silt/dataplane'
import { InlineEncoder } from '../src/encode/inline-encoder.ts'
import { LocalUnitRunner } from '../src/local-unit-runner.ts'
import { ThreadUnitRunner } from '../src/unit-threads/thread-unit-runner.ts'
import { DeadlyEncoder } from './support/deadly-encoder.ts'
import { ScriptedSource } from './support/scripted-source.ts'
import { unitRunnerContract } from './support/unit-runner-contract.ts'

const encoders: Readonly<Record<string, () => UnitEncoder>> = {
  'record by record': () => new InlineEncoder(),
  'in the data plane': () => new PlaneEncoder(),
}

for (const [name, makeEncoder] of Object.entries(encoders))
  unitRunnerContract(`local, ${name}`, (script) => {
    const encoder = new DeadlyEncoder(makeEncoder(), () => {
      throw new SiltError('data', 'encoder/crashed', 'it died')
    })
    const source = new ScriptedSource(script)
    return {
      runner: new LocalUnitRunner({ source, encoder, clock: systemClock }),
      close: () => encoder.close(),
    }
  })

for (const threads of [1, 2])
  unitRunnerContract(`in threads, ${threads}`, (script) => {
    const module = new URL('./support/scripted-unit-thread.ts', import.meta.url)
    const runner = new ThreadUnitRunner({ threads, module, workerData: script })
    return { runner, close: () => runner.close() }
  })

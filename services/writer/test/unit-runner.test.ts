import { SiltError, systemClock, type UnitEncoder } from '@silt/core'
import { ByteBudget } from '../src/byte-budget.ts'
import { InlineEncoder } from '../src/encode/inline-encoder.ts'
import { WorkerThreadEncoder } from '../src/encode/worker-thread-encoder.ts'
import { LocalUnitRunner } from '../src/local-unit-runner.ts'
import { ThreadUnitRunner } from '../src/unit-threads/thread-unit-runner.ts'
import { DeadlyEncoder } from './support/deadly-encoder.ts'
import { ScriptedSource } from './support/scripted-source.ts'
import { unitRunnerContract } from './support/unit-runner-contract.ts'

const encoders: Readonly<Record<string, () => UnitEncoder>> = {
  'encoding in place': () => new InlineEncoder(),
  'encoding in threads': () => new WorkerThreadEncoder({ threads: 2 }),
}

for (const [name, makeEncoder] of Object.entries(encoders))
  unitRunnerContract(`local, ${name}`, (script) => {
    const encoder = new DeadlyEncoder(makeEncoder(), () => {
      throw new SiltError('data', 'encoder/crashed', 'it died')
    })
    const budget = new ByteBudget(1 << 20)
    const source = new ScriptedSource(script)
    return {
      runner: new LocalUnitRunner({ source, encoder, budget, clock: systemClock }),
      close: () => encoder.close(),
    }
  })

for (const threads of [1, 2])
  unitRunnerContract(`in threads, ${threads}`, (script) => {
    const module = new URL('./support/scripted-unit-thread.ts', import.meta.url)
    const runner = new ThreadUnitRunner({ threads, module, workerData: script })
    return { runner, close: () => runner.close() }
  })

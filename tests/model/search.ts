import { Worker } from 'node:worker_threads'
import type { Configuration } from './configurations.ts'
import type { Exploration } from './explorer.ts'
import type { ModelMutant } from './mutants.ts'

/** What a search is to do; goes into a thread of its own. */
export interface SearchOrder {
  readonly configuration: Configuration
  readonly mutant: ModelMutant | undefined
  readonly statesMax: number
}

export interface Search extends Exploration {
  readonly ms: number
}

/** States of the largest search by far; beyond it a search gives up and says so. */
const statesMax = 12_000_000

/** Searches everything the configuration reaches, with the product as it is or as the mutant breaks it. In a thread, so that only that one is broken. */
export function search(configuration: Configuration, mutant?: ModelMutant): Promise<Search> {
  const order: SearchOrder = { configuration, mutant, statesMax }
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('search-worker.ts', import.meta.url), {
      workerData: order,
      resourceLimits: { maxOldGenerationSizeMb: 12_000 },
    })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => {
      reject(new Error(`the search of ${configuration.name} ended with ${code} and no answer`))
    })
  })
}

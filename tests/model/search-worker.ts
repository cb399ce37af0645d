import { parentPort, workerData } from 'node:worker_threads'
import { loadMutant } from '../mutation/load-mutant.ts'
import { explore, type Exploration } from './explorer.ts'
import type { Search, SearchOrder } from './search.ts'

const { configuration, mutant, statesMax } = workerData as SearchOrder
const loaded = loadMutant(...(mutant?.patches ?? []))
const beganMs = performance.now()
const found = await explored()
if (!loaded.isUsed()) throw new Error(`${configuration.name} does not run what ${mutant?.name} breaks`)
const answer: Search = { ...found, ms: Math.round(performance.now() - beganMs) }
parentPort?.postMessage(answer)

/** Imports the product only now, when what breaks it is in place. */
async function explored(): Promise<Exploration> {
  if (configuration.kind === 'ingest') {
    const { IngestModel } = await import('./ingest-model.ts')
    return explore(new IngestModel(configuration), { statesMax, liveness: true })
  }
  const { CommitModel } = await import('./commit-model.ts')
  const model = new CommitModel(configuration, new Set(mutant?.glue))
  return explore(model, { statesMax, liveness: configuration.liveness })
}

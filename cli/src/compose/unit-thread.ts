import { parentPort, workerData } from 'node:worker_threads'
import { assert, systemClock, systemRandom } from '@silt/core'
import type { ConnectionSecurity } from '@silt/source'
import { PlanePlace, serveUnitsOn } from '@silt/writer/unit-thread'
import { openThreadSource, type ThreadSourcePlan } from './thread-source.ts'

/** What a unit thread of the writer runs: it is handed how to reach the source, and asks its writer for what secures that. */
const port = parentPort
assert(port !== null, 'unit-thread runs as a worker thread')
const plan = workerData as ThreadSourcePlan
serveUnitsOn(
  port,
  (security, fileMemory) =>
    new PlanePlace({
      openSource: (reading) =>
        openThreadSource(plan, reading, {
          security: security as () => Promise<ConnectionSecurity>,
          clock: systemClock,
          random: systemRandom,
        }),
      clock: systemClock,
      fileMemory,
      recordBytesMax: plan.recordBytesMax,
    }),
)

import { parentPort, workerData } from 'node:worker_threads'
import { asSiltError, assert, systemClock, systemRandom } from '@silt/core'
import { countFiles, writeCheckpoint } from '@silt/delta'
import { openStore } from '@silt/object-store'
import { OnDemandReader, StreamedParquetWriter } from '@silt/parquet/reader'
import type { CheckpointAnswer, CheckpointOrder } from './worker-checkpointer.ts'

/** A worker thread's whole life: does the one thing it was started for, says how that ended, and is gone with all its memory. */
async function carryOut(order: CheckpointOrder): Promise<CheckpointAnswer> {
  try {
    const store = openStore(order.location, order.s3, { clock: systemClock, random: systemRandom })
    try {
      if (order.version === undefined) return { kind: 'measured', size: await countFiles(store, new OnDemandReader()) }
      await writeCheckpoint(store, new OnDemandReader(), new StreamedParquetWriter(), order.version)
      return { kind: 'written' }
    } finally {
      await store.close()
    }
  } catch (cause) {
    const { kind, code, message } = asSiltError(cause)
    return { kind: 'failed', error: { kind, code, message } }
  }
}

assert(parentPort !== null, 'this file is run as a worker thread')
parentPort.postMessage(await carryOut(workerData as CheckpointOrder))

import { parentPort, workerData } from 'node:worker_threads'
import { asSiltError, assert, systemClock, systemRandom } from '@silt/core'
import { writeCheckpoint } from '@silt/delta'
import { openStore } from '@silt/object-store'
import { ArrowParquetWriter, HyparquetReader } from '@silt/parquet'
import type { CheckpointAnswer, CheckpointOrder } from './worker-checkpointer.ts'

/** A worker thread's whole life: writes the one checkpoint it was started for, says how that ended, and is gone with all its memory. */
async function writeOrdered(order: CheckpointOrder): Promise<CheckpointAnswer> {
  try {
    const store = openStore(order.location, order.s3, { clock: systemClock, random: systemRandom })
    await writeCheckpoint(store, new HyparquetReader(), new ArrowParquetWriter(), order.version)
    await store.close()
    return { kind: 'written' }
  } catch (cause) {
    const { kind, code, message } = asSiltError(cause)
    return { kind: 'failed', error: { kind, code, message } }
  }
}

assert(parentPort !== null, 'this file is run as a worker thread')
parentPort.postMessage(await writeOrdered(workerData as CheckpointOrder))

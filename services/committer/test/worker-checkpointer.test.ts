import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, systemRandom } from '@silt/core'
import { loadState } from '@silt/delta'
import { openStore } from '@silt/object-store'
import { HyparquetReader } from '@silt/parquet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defaultTuning } from '../src/committer-options.ts'
import { ensureTables } from '../src/table-bootstrap.ts'
import { workerCheckpointer } from '../src/worker-checkpointer.ts'

const s3 = { region: 'us-east-1', allowHttp: false }
const services = { clock: systemClock, random: systemRandom }
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'silt-checkpoint-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('a checkpoint in a worker thread', () => {
  it('is read back as the state it was written from', async () => {
    const locations = { main: join(folder, 'main'), 'dead-letters': join(folder, 'dead') }
    const store = openStore(locations.main, s3, services)
    const deadLetterStore = openStore(locations['dead-letters'], s3, services)
    const parquetReader = new HyparquetReader()
    const { main } = await ensureTables(
      { store, deadLetterStore, parquetReader, ...services },
      { partitionColumns: [], readBack: false, baseProofMaxMs: defaultTuning.baseProofMaxMs },
    )
    const checkpointer = workerCheckpointer({ locations, s3 })
    await checkpointer.write('main', 0)
    await checkpointer.close()
    expect(await readdir(join(locations.main, '_delta_log'))).toContain('00000000000000000000.checkpoint.parquet')
    expect(await loadState(store, parquetReader)).toMatchObject({
      version: 0,
      metadata: { id: main.state.metadata.id },
    })
  })

  it('that fails says why, as an error value', async () => {
    const checkpointer = workerCheckpointer({ locations: { main: join(folder, 'none'), 'dead-letters': 'x' }, s3 })
    await expect(checkpointer.write('main', 5)).rejects.toMatchObject({ name: 'SiltError' })
  })

  it('abandoned at shutdown rejects, and leaves no thread behind', async () => {
    const checkpointer = workerCheckpointer({ locations: { main: join(folder, 'none'), 'dead-letters': 'x' }, s3 })
    const abandoned = checkpointer.write('main', 5)
    const outcome = expect(abandoned).rejects.toMatchObject({ name: 'SiltError' })
    await checkpointer.close()
    await outcome
  })
})

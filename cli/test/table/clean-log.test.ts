import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deadLetterPointerAppId, partitionAppId } from '@silt/contracts'
import { systemClock, systemRandom, field, struct } from '@silt/core'
import { checkTable, commitEntry, commitInfo, newTableActions, writeCheckpoint, type Action } from '@silt/delta'
import { openStore } from '@silt/object-store'
import { HyparquetReader, StreamedParquetWriter } from '@silt/parquet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exitCodes } from '../../src/exit-code.ts'
import { runProgram } from '../../src/program.ts'
import { testTerminal } from '../support/terminal.ts'

const reader = new HyparquetReader()
const progress = partitionAppId('silt', { topic: 't', topicId: 'i', partition: 0, restart: 0 })
const units = { v: 1, units: [], deadLetters: [], decisions: [] }

describe('silt table clean-log', () => {
  let folder: string
  let told: string[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'silt-clean-log-'))
    told = []
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const silt = (...argv: string[]): Promise<number> => {
    const environment = { DELTA_TABLE_PATH: join(folder, 'table'), LOG_LEVEL: 'silent' }
    return runProgram(
      argv,
      testTerminal({ environment }, (text) => told.push(text)),
    )
  }

  const store = () =>
    openStore(
      join(folder, 'table'),
      { region: 'us-east-1', allowHttp: false },
      { clock: systemClock, random: systemRandom },
    )

  /** Versions 0 to 6, each a day older than the next, checkpoints of 2 and 5; `extra` gives a version more actions. */
  async function table(extra: (version: number) => readonly Action[]): Promise<void> {
    const made = newTableActions({
      id: 'id',
      schema: struct([field('id', 'long')]),
      partitionColumns: [],
      configuration: { 'delta.logRetentionDuration': 'interval 1 day' },
      createdMs: 1,
    })
    for (let version = 0; version <= 6; version++) {
      const token = `t${version}`
      const silts = extra(version).some((each) => 'txn' in each) ? { silt: units } : {}
      const info = commitInfo({ timestampMs: 1, operation: 'WRITE', engineInfo: 'another', token, ...silts })
      const actions = [info, ...(version === 0 ? made : []), ...extra(version)]
      await commitEntry(store(), { version, actions, token, readBack: false })
    }
    for (const version of [2, 5]) await writeCheckpoint(store(), reader, new StreamedParquetWriter(), version)
    const log = join(folder, 'table', '_delta_log')
    for (const name of await readdir(log)) {
      const version = /^(\d{20})/.exec(name)?.[1]
      const atS = systemClock.nowMs() / 1000 - (6 - Number(version ?? 6)) * 86_400
      await utimes(join(log, name), atS, atS)
    }
  }

  const oldest = async (): Promise<string | undefined> =>
    (await readdir(join(folder, 'table', '_delta_log')))
      .filter((name) => name.endsWith('.json'))
      .sort()[0]
      ?.slice(-6)

  it('deletes what expired of any table, and says so; a trial deletes nothing', async () => {
    await table(() => [])
    expect(await silt('table', 'clean-log', '--dry-run'), told.join('')).toBe(exitCodes.ok)
    expect(told.join('')).toContain(
      '2 commits, 0 checkpoint files, 0 sidecars, 0 other files would be deleted; the log begins at version 2',
    )
    expect(await oldest()).toBe('0.json')
    told = []
    expect(await silt('table', 'clean-log', '--json'), told.join('')).toBe(exitCodes.ok)
    expect(JSON.parse(told.join(''))).toMatchObject({ kind: 'cleaned', checkpointVersion: 2, commits: 2 })
    expect(await oldest()).toBe('2.json')
    expect((await checkTable(store(), reader)).findings).toEqual([])
  })

  it('keeps what tells that no other engine parked the table', async () => {
    await table((version) => (version === 1 ? [{ txn: { appId: progress, version: 5 } }] : []))
    await silt('table', 'clean-log')
    expect(told.join('')).toContain('no checkpoint is as old as version 1')
    expect(await oldest()).toBe('0.json')
  })

  it('keeps the version whose dead letters are not in their table yet', async () => {
    await table((version) =>
      version < 1 ? [] : [{ txn: { appId: version === 1 ? deadLetterPointerAppId : progress, version: 1 } }],
    )
    await silt('table', 'clean-log')
    expect(told.join('')).toContain('no checkpoint is as old as version 1')
  })

  it('there is no table', async () => {
    expect(await silt('table', 'clean-log')).toBe(exitCodes.usage)
  })
})

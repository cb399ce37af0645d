import { readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { EmbeddedTable } from '../support/embedded-table.ts'
import { expectedOfFolder, expectSameRows } from '../support/expected-rows.ts'
import { withScratch } from '../support/scratch.ts'
import { killAllSilt, type SiltProcess } from '../support/silt-process.ts'
import { waitFor } from '../support/wait-for.ts'

const quick = { BATCH_SIZE: '10', BATCH_TIMEOUT_SECONDS: '1' }
/** The row `other_engine.py` writes, as user, microseconds and metadata. */
const theirs = (user: string): readonly unknown[] => [
  user,
  Date.UTC(2026, 2, 1, 12) * 1000 + 123_456,
  '{"by": "deltalake"}',
]

afterAll(killAllSilt)

const rowsCommitted = (table: EmbeddedTable) => async (): Promise<number> => (await table.auditReport()).rows
const committed = (running: SiltProcess): number => running.logs.filter(({ msg }) => msg === 'committed').length

async function nextCommit(table: EmbeddedTable, running: SiltProcess): Promise<void> {
  const before = committed(running)
  await table.appendGenerated(0, 50)
  await waitFor('the next commit', () => committed(running) > before || undefined, 90_000).catch((error: unknown) => {
    throw new Error(running.tail(), { cause: error })
  })
}

test('deltalake appends, adds a column, compacts, checkpoints and vacuums beside a running Silt: it goes on, and the audit still proves', () =>
  withScratch(async (folder) => {
    const table = new EmbeddedTable(folder, quick)
    await table.appendGenerated(0, 500)
    await table.appendGenerated(1, 500)
    const running = table.run()
    for (let round = 0; round < 5; round++) await nextCommit(table, running)
    // What a run that died long ago left, and what one that is about to commit has just put.
    const [old, fresh] = ['part-0000000000000000-old.zstd.parquet', 'part-0000000000000000-fresh.zstd.parquet']
    for (const name of [old, fresh]) await writeFile(join(table.tablePath, name), 'not a row')
    const longAgo = new Date(Date.now() - 8 * 24 * 3600 * 1000)
    await utimes(join(table.tablePath, old), longAgo, longAgo)
    const checkpoints: number[] = []
    for (const action of [
      'append',
      'add-column',
      'compact',
      'checkpoint',
      'append',
      'compact',
      'vacuum',
      'checkpoint',
    ]) {
      const version = await table.byDeltalake(action)
      if (action === 'checkpoint') checkpoints.push(version)
      await nextCommit(table, running)
    }
    for (const version of checkpoints)
      expect(await readdir(join(table.tablePath, '_delta_log'))).toContain(
        `${String(version).padStart(20, '0')}.checkpoint.parquet`,
      )
    // Values for the column the other engine added.
    await table.append(0, ['{"timestamp":"2026-03-01T12:00:00Z","score":4.5}'])
    expect(await running.terminate(), running.tail()).toBe(0)
    await table.settle()

    const rowOf = (line: string): Record<string, string | number | null> => {
      if (line.includes('"score"'))
        return { timestamp: Date.UTC(2026, 2, 1, 12) * 1000, channel: 'unknown', event_type: 'unknown', score: 4.5 }
      const { timestamp, metadata, ...rest } = JSON.parse(line) as Record<string, string | null>
      return { ...rest, timestamp: Date.parse(String(timestamp)) * 1000, metadata: JSON.stringify(metadata) }
    }
    const expected = await expectedOfFolder(table.topicFolder, rowOf)
    await expectSameRows(table.tablePath, expected, { folder })
    const foreign = await table.foreignRows()
    for (const rows of Object.values(foreign)) expect(rows).toEqual([theirs('user-0'), theirs('user-0')])
    expect(await table.auditReport()).toMatchObject({ verdict: 'proved', rows: expected.length, foreignRows: 2 })
    await table.expectSound()
    const left = await readdir(table.tablePath)
    expect(left).toContain(fresh)
    expect(left).not.toContain(old)
    const { stdout } = await table.silt('table', 'history', '--limit', '100')
    for (const operation of ['ADD COLUMN', 'OPTIMIZE', 'VACUUM', 'WRITE']) expect(stdout).toContain(operation)
  }))

test('a RESTORE parks the table, an overwrite too; silt table resume releases it and nothing comes twice', () =>
  withScratch(async (folder) => {
    const table = new EmbeddedTable(folder, quick)
    await table.appendGenerated(0, 300)
    const running = table.run()
    await waitFor('rows', async () => (committed(running) > 1 ? true : undefined), 90_000)
    const before = (await table.auditReport()).rows
    const { version } = JSON.parse((await table.silt('table', 'show', '--json')).stdout) as { readonly version: number }
    for (let round = 0; round < 3; round++) await nextCommit(table, running)

    const restored = await table.byDeltalake('restore', String(version))
    await expectParked(table, running, restored, 'RESTORE')
    const resumed = await table.silt('table', 'resume', '--reason', 'restored on purpose')
    expect(resumed.code, resumed.stdout + resumed.stderr).toBe(0)
    await waitFor('its release', () => running.logs.some(({ msg }) => msg === 'the table is released') || undefined)
    await nextCommit(table, running)
    const after = await table.auditReport()
    expect(after.verdict).toBe('removed-by-others')
    expect(after.rows).toBeGreaterThan(before)

    const overwritten = await table.byDeltalake('overwrite')
    await expectParked(table, running, overwritten, 'WRITE')
    expect(await running.terminate(), running.tail()).toBe(0)
    // A new process finds it parked too.
    const next = table.run()
    await expectParked(table, next, overwritten, 'WRITE')
    expect((await table.silt('table', 'resume', '--reason', 'overwritten on purpose')).code).toBe(0)
    await nextCommit(table, next)
    expect(await next.terminate(), next.tail()).toBe(0)
    expect((await rowsCommitted(table)()) % 50).toBe(0)
    expect(Object.values(await table.foreignRows())[0]).toEqual([theirs('user-0')])
    await table.expectSound()
  }))

/** Not ready, says why, and commits nothing while it is so. */
async function expectParked(
  table: EmbeddedTable,
  running: SiltProcess,
  version: number,
  operation: string,
): Promise<void> {
  const started = await waitFor('its port', () => running.logs.find(({ msg }) => msg === 'starting'))
  const ready = async (): Promise<Response> => fetch(`http://127.0.0.1:${String(started['opsPort'])}/readyz`)
  await table.appendGenerated(0, 50)
  const parked = (line: Readonly<Record<string, unknown>>): boolean =>
    line['code'] === 'committer/parked' && line['version'] === version
  await waitFor('it to be parked', () => running.logs.some(parked) || undefined, 90_000).catch((error: unknown) => {
    throw new Error(running.tail(), { cause: error })
  })
  const answer = await ready()
  expect(answer.status).toBe(503)
  expect(await answer.text()).toMatch(new RegExp(`version ${version} is a ${operation}.*silt table resume`))
  const before = committed(running)
  await new Promise((resolve) => setTimeout(resolve, 2500))
  expect(committed(running)).toBe(before)
}

test('a table deltalake made is refused, named column by column, then adopted, then appended to', () =>
  withScratch(async (folder) => {
    const table = new EmbeddedTable(folder, quick)
    await table.byDeltalake('seed', '3')
    await table.appendGenerated(0, 200)
    await table.appendGenerated(1, 100)

    const refused = await table.silt('run', '--until-idle')
    const said = refused.stdout + refused.stderr
    expect(refused.code, said).toBe(4)
    expect(refused.stderr).toContain('silt table adopt --start-from')
    for (const column of ['_topic', '_topic_id', '_partition', '_offset', '_kafka_timestamp', '_rescued'])
      expect(refused.stderr).toContain(`${column}: missing`)
    for (const column of ['timestamp', 'metadata', 'user_id'])
      expect(refused.stderr).not.toMatch(new RegExp(`[ ;]${column}:`))
    expect(await table.byDeltalake('append')).toBe(1)

    const adopted = await table.silt('table', 'adopt', '--start-from', 'earliest')
    expect(adopted.code, adopted.stdout + adopted.stderr).toBe(0)
    await table.settle()
    const expected = await expectedOfFolder(table.topicFolder)
    await expectSameRows(table.tablePath, expected, { folder })
    for (const rows of Object.values(await table.foreignRows()))
      expect(rows).toEqual(['user-0', 'user-0', 'user-1', 'user-2'].map(theirs))
    expect(await table.auditReport()).toMatchObject({ verdict: 'proved', rows: expected.length, foreignRows: 4 })
    await table.expectSound()
    const again = await table.silt('table', 'adopt', '--start-from', 'earliest')
    expect(again.code).toBe(2)
    expect(again.stderr).toContain('table/already-adopted')
  }))

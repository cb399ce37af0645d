import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exitCodes } from '../src/exit-code.ts'
import { runProgram } from '../src/program.ts'
import { testTerminal } from './support/terminal.ts'

describe('silt', () => {
  let folder: string
  let told: string[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'silt-program-'))
    told = []
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const silt = (...argv: string[]): Promise<number> => {
    const environment = {
      TOPICS_DIR: join(folder, 'topics'),
      DELTA_TABLE_PATH: join(folder, 'table'),
      OPS_PORT: '0',
      LOG_LEVEL: 'silent',
    }
    return runProgram(
      argv,
      testTerminal({ environment }, (text) => told.push(text)),
    )
  }

  it('takes --version after a command as the version of the table, not of silt', async () => {
    expect(await silt('demo', '--events', '3')).toBe(exitCodes.ok)
    expect(await silt('run', '--until-idle'), told.join('')).toBe(exitCodes.ok)
    told = []
    expect(await silt('table', 'show', '--version', '1', '--json')).toBe(exitCodes.ok)
    expect(JSON.parse(told.join(''))).toMatchObject({ version: 1, rows: 0 })
    expect(await silt('table', 'show', '--version', 'x')).toBe(exitCodes.usage)
  })

  it.each([
    ['table', 'show'],
    ['table', 'history'],
    ['table', 'files'],
    ['table', 'cat'],
    ['table', 'query', 'SELECT 1 FROM t'],
    ['table', 'diff', '0', '1'],
    ['table', 'pause'],
    ['partition', 'status'],
  ])('%s %s names the setting when there is no table, and that a start makes it', async (...command) => {
    expect(await silt(...command)).toBe(exitCodes.usage)
    expect(told.join('')).toContain('correct the path or DELTA_TABLE_PATH, or start Silt first, which makes it')
  })

  it.each([
    [['help', 'table', 'show'], 'Usage: silt table show'],
    [['help', 'table'], 'Usage: silt table'],
    [['help', 'doctor'], 'Usage: silt doctor'],
    [['help'], 'silt doctor  '],
    [['--help'], 'silt table pause'],
  ])('%s prints the help of that command', async (argv, expected) => {
    expect(await silt(...argv)).toBe(exitCodes.ok)
    expect(told.join('')).toContain(expected)
  })

  it.each([
    ['an output in no folder', ['table', 'cat', '--output', 'no-such-folder/rows.json'], '[table/output-unwritable]'],
    ['two statements', ['table', 'query', 'SELECT 1; SELECT 2'], 'one statement is wanted, these are 2'],
    ['no statement', ['table', 'query', '', '.'], 'one statement is wanted, these are 0'],
    ['a partition that is no number', ['partition', 'restart', 'x'], 'must be a whole number'],
    ['a schema that is none', ['table', 'create', '--schema', 'orders.sql'], 'orders.sql: expected CREATE'],
  ])('refuses %s, and says so', async (_, command, expected) => {
    expect(await silt('demo', '--events', '1')).toBe(exitCodes.ok)
    expect(await silt('run', '--until-idle'), told.join('')).toBe(exitCodes.ok)
    expect(await silt(...command.map((word) => (word === '.' ? join(folder, 'table') : word)))).toBe(exitCodes.usage)
    expect(told.join('')).toContain(expected)
  })

  it('answers a PIVOT, of which DuckDB makes two statements', async () => {
    expect(await silt('demo', '--events', '3')).toBe(exitCodes.ok)
    expect(await silt('run', '--until-idle'), told.join('')).toBe(exitCodes.ok)
    told = []
    expect(await silt('table', 'query', 'PIVOT t ON _partition USING count(*) GROUP BY _topic'), told.join('')).toBe(0)
    expect(told.join('')).toBe('{"_topic":"analytics-events","0":3}\n')
  })

  it('refuses a folder that cannot be made by the name of its setting', async () => {
    expect(await silt('demo', '--events', '1')).toBe(exitCodes.ok)
    await writeFile(join(folder, 'table'), 'a file')
    expect(await silt('run', '--until-idle')).toBe(exitCodes.usage)
    expect(told.join('')).toContain('choose another in DELTA_TABLE_PATH')
  })

  it('shows a pause in table show, and history says who did it', async () => {
    expect(await silt('demo', '--events', '3')).toBe(exitCodes.ok)
    expect(await silt('run', '--until-idle'), told.join('')).toBe(exitCodes.ok)
    expect(await silt('table', 'pause', '--reason', 'moving')).toBe(exitCodes.ok)
    told = []
    expect(await silt('table', 'show')).toBe(exitCodes.ok)
    expect(told.join('')).toMatch(/standing {4}paused since .* by .*: moving/)
    await silt('table', 'history')
    expect(told.join('')).toMatch(/SILT PAUSE TABLE .*pause: moving/)
    expect(told.join('')).toContain('+3 rows')
    expect(await silt('demo', '--events', '1')).toBe(exitCodes.ok)
    expect(await silt('run', '--until-idle')).toBe(exitCodes.refused)
    expect(told.join('')).toContain('[table/paused]')
    expect(await silt('table', 'resume')).toBe(exitCodes.ok)
    expect(await silt('run', '--until-idle'), told.join('')).toBe(exitCodes.ok)
  })

  it('restores rows and leaves progress: Silt parks until somebody resumes, and settles nothing twice', async () => {
    expect(await silt('demo', '--events', '3')).toBe(exitCodes.ok)
    expect(await silt('run', '--until-idle'), told.join('')).toBe(exitCodes.ok)
    expect(await silt('table', 'restore', '--version', '1', '--reason', 'a trial'), told.join('')).toBe(exitCodes.ok)
    expect(await silt('demo', '--events', '2')).toBe(exitCodes.ok)
    expect(await silt('run', '--until-idle')).toBe(exitCodes.refused)
    expect(told.join('')).toContain('[committer/parked]')
    expect(await silt('table', 'resume', '--reason', 'the rows are not wanted'), told.join('')).toBe(exitCodes.ok)
    expect(await silt('run', '--until-idle'), told.join('')).toBe(exitCodes.ok)
    told = []
    expect(await silt('table', 'cat', '--columns', '_offset')).toBe(exitCodes.ok)
    expect(told.join('').trim().split('\n')).toHaveLength(2)
    await silt('audit')
    expect(told.join('')).toMatch(/removed-by-others .* 3 unaccounted .*RESTORE in version 3/)
  })

  it('does not take a finding for wrong usage', async () => {
    expect(await silt('table', 'check')).toBe(exitCodes.failed)
    expect(told.at(-1)).toBe('2 findings\n')
  })

  it('does not end an audit well that could prove nothing', async () => {
    expect(await silt('demo', '--events', '3')).toBe(exitCodes.ok)
    expect(await silt('run', '--until-idle'), told.join('')).toBe(exitCodes.ok)
    expect(await silt('audit'), told.join('')).toBe(exitCodes.ok)
    await forgetProgress(join(folder, 'table/_delta_log'))
    expect(await silt('audit'), told.join('')).toBe(exitCodes.unverifiable)
    expect(told.join('')).toContain('unverifiable: version')
    expect(told.at(-1)).toContain('proved nothing')
  })

  it('deals demo events out over all partitions asked for', async () => {
    expect(await silt('demo', '--events', '10', '--partitions', '3')).toBe(exitCodes.ok)
    const files = await readdir(join(folder, 'topics/analytics-events'))
    expect(files.sort()).toEqual(['0.ndjson', '1.ndjson', '2.ndjson'])
    const texts = await Promise.all(
      files.map((file) => readFile(join(folder, 'topics/analytics-events', file), 'utf8')),
    )
    expect(texts.map((text) => text.trimEnd().split('\n').length)).toEqual([4, 4, 2])
  })
})

/** Leaves rows in the table and nothing that says how they came: no progress, no record of units, no tags. */
async function forgetProgress(log: string): Promise<void> {
  for (const name of await readdir(log)) {
    if (!/^\d{20}\.json$/.test(name)) continue
    const lines = (await readFile(join(log, name), 'utf8')).split('\n').filter((line) => line !== '')
    const actions = lines.map((line) => JSON.parse(line) as Record<string, Record<string, unknown>>)
    for (const { commitInfo, add } of actions) {
      delete commitInfo?.['silt']
      delete add?.['tags']
    }
    const kept = actions.filter((action) => action['txn'] === undefined)
    await writeFile(join(log, name), kept.map((action) => `${JSON.stringify(action)}\n`).join(''))
  }
}

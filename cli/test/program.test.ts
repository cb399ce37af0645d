import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, systemRandom } from '@silt/core'
import { Redaction } from '@silt/telemetry'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exitCodes } from '../src/exit-code.ts'
import { runProgram } from '../src/program.ts'

describe('silt', () => {
  let folder: string
  let told: string[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'silt-program-'))
    told = []
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const silt = (...argv: string[]): Promise<number> =>
    runProgram(argv, {
      environment: {
        TOPICS_DIR: join(folder, 'topics'),
        DELTA_TABLE_PATH: join(folder, 'table'),
        OPS_PORT: '0',
        LOG_LEVEL: 'silent',
      },
      clock: systemClock,
      random: systemRandom,
      signal: new AbortController().signal,
      interactive: false,
      secrets: new Redaction(),
      readTextFile: () => '',
      print: (line) => told.push(`${line}\n`),
      note: (text) => told.push(text),
    })

  it('takes --version after a command as the version of the table, not of silt', async () => {
    expect(await silt('demo', '--events', '3')).toBe(exitCodes.ok)
    expect(await silt('run', '--until-idle'), told.join('')).toBe(exitCodes.ok)
    told = []
    expect(await silt('table', 'show', '--version', '1', '--json')).toBe(exitCodes.ok)
    expect(JSON.parse(told.join(''))).toMatchObject({ version: 1, rows: 0 })
    expect(await silt('table', 'show', '--version', 'x')).toBe(exitCodes.usage)
  })

  it.each(['show', 'history', 'files', 'cat'])('table %s names the setting when there is no table', async (command) => {
    expect(await silt('table', command)).toBe(exitCodes.usage)
    expect(told.join('')).toContain('correct DELTA_TABLE_PATH')
  })

  it('does not take a finding for wrong usage', async () => {
    expect(await silt('table', 'check')).toBe(exitCodes.failed)
    expect(told.at(-1)).toBe('2 findings\n')
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

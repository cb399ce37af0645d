import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, systemRandom } from '@silt/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exitCodes } from '../src/exit-code.ts'
import { runProgram } from '../src/program.ts'

describe('silt run --until-idle', () => {
  let folder: string
  let told: string[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'silt-idle-'))
    told = []
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const run = (signal: AbortSignal): Promise<number> =>
    runProgram(['run', '--until-idle'], {
      environment: {
        KAFKA_TOPIC: 'events',
        TOPICS_DIR: join(folder, 'topics'),
        DELTA_TABLE_PATH: join(folder, 'table'),
        OPS_PORT: '0',
        LOG_LEVEL: 'silent',
      },
      clock: systemClock,
      random: systemRandom,
      signal,
      interactive: false,
      readTextFile: () => '',
      print: (line) => told.push(line),
      note: (text) => told.push(text),
    })

  it('exits 0 once what is there is committed', async () => {
    await mkdir(join(folder, 'topics/events'), { recursive: true })
    await writeFile(join(folder, 'topics/events/0.ndjson'), '{"event_type":"click"}\n')
    expect(await run(new AbortController().signal), told.join('')).toBe(exitCodes.ok)
  })

  it('does not pass an interruption off as done', async () => {
    // The topic never comes.
    expect(await run(AbortSignal.timeout(500))).toBe(exitCodes.unavailable)
    expect(told.join('')).toContain('stopped before everything readable at start was committed')
  })
})

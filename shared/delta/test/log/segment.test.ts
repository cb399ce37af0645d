import { describe, expect, it } from 'vitest'
import { parseLogFile, type LogFile } from '../../src/log/file-names.ts'
import { listSegment, planSegment } from '../../src/log/segment.ts'
import { TestStore } from '../support/test-store.ts'

const v = (version: number) => String(version).padStart(20, '0')
const part = (one: number, of: number) => `${String(one).padStart(10, '0')}.${String(of).padStart(10, '0')}.parquet`
const uuid = '80a083e8-7026-4e79-81be-64bd76c43a11'

function files(...names: readonly string[]): LogFile[] {
  const keys = names.map((name) => `_delta_log/${name}`).sort()
  return keys.flatMap((key) => parseLogFile(key, 0) ?? [])
}

const commits = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `${v(from + index)}.json`)

describe('names in the log', () => {
  it.each([
    [`${v(3)}.json`, { kind: 'commit', version: 3 }],
    [`${v(3)}.checkpoint.parquet`, { kind: 'checkpoint', form: 'classic', version: 3 }],
    [`${v(3)}.checkpoint.${part(2, 4)}`, { kind: 'checkpoint', form: 'part', part: 2, parts: 4 }],
    [`${v(3)}.checkpoint.${uuid}.parquet`, { kind: 'checkpoint', form: 'uuid', version: 3 }],
    [`${v(3)}.checkpoint.${uuid}.json`, { kind: 'checkpoint', form: 'uuid', version: 3 }],
    [`${v(3)}.crc`, { kind: 'checksum', version: 3 }],
    [`${v(3)}.${v(5)}.compacted.json`, { kind: 'compaction', version: 3, endVersion: 5 }],
  ])('%s is read', (name, wanted) => {
    expect(parseLogFile(`_delta_log/${name}`, 0)).toMatchObject(wanted)
  })

  it.each([
    `${v(3)}.json.tmp`,
    `.${v(3)}.json.crc`,
    `${v(3)}.${v(3)}.compacted.json`,
    `${v(5)}.${v(3)}.compacted.json`,
    `${v(3)}.${v(5)}.json`,
    '3.json',
    '_last_checkpoint',
    `99999999999999999999.json`,
    `_staged_commits/${v(3)}.${uuid}.json`,
  ])('%s is passed over', (name) => {
    expect(parseLogFile(`_delta_log/${name}`, 0)).toBeUndefined()
  })
})

describe('planning a segment', () => {
  it('takes the newest complete checkpoint and the commits after it', () => {
    const found = planSegment(files(...commits(0, 12), `${v(5)}.checkpoint.parquet`, `${v(10)}.checkpoint.parquet`))
    expect(found).toMatchObject({
      kind: 'found',
      segment: { version: 12, commits: [11, 12], checkpoint: { version: 10 } },
    })
  })

  it('does not need commits that a checkpoint covers', () => {
    const found = planSegment(files(`${v(10)}.checkpoint.parquet`))
    expect(found).toMatchObject({ kind: 'found', segment: { version: 10, commits: [] } })
  })

  it('leaves out a multi-part checkpoint with a missing part', () => {
    const parts = [
      `${v(5)}.checkpoint.${part(1, 2)}`,
      `${v(5)}.checkpoint.${part(1, 3)}`,
      `${v(5)}.checkpoint.${part(3, 3)}`,
    ]
    expect(planSegment(files(...commits(0, 6), ...parts))).toMatchObject({
      segment: { commits: [0, 1, 2, 3, 4, 5, 6] },
    })
    const whole = [...parts, `${v(5)}.checkpoint.${part(2, 3)}`]
    expect(planSegment(files(...commits(0, 6), ...whole))).toMatchObject({
      segment: { commits: [6], checkpoint: { version: 5, keys: { length: 3 } } },
    })
  })

  it('time travel takes no checkpoint newer than the version', () => {
    const all = files(...commits(0, 12), `${v(10)}.checkpoint.parquet`)
    expect(planSegment(all, 7)).toMatchObject({ kind: 'found', segment: { version: 7, commits: { length: 8 } } })
    expect(planSegment(all, 13)).toMatchObject({ kind: 'missing' })
    expect(planSegment(files(...commits(11, 12), `${v(10)}.checkpoint.parquet`), 7)).toMatchObject({ kind: 'missing' })
  })

  it.each([
    ['a hole', files(`${v(0)}.json`, `${v(2)}.json`)],
    ['a missing start', files(...commits(3, 5))],
    ['a hole after the checkpoint', files(`${v(3)}.checkpoint.parquet`, `${v(5)}.json`)],
  ])('names %s', (_, listed) => {
    expect(planSegment(listed)).toMatchObject({ kind: 'gap' })
  })

  it('a hole is named by its file', () => {
    expect(planSegment(files(`${v(0)}.json`, `${v(2)}.json`))).toMatchObject({
      problem: expect.stringContaining(`_delta_log/${v(1)}.json is missing`) as string,
    })
  })

  it('takes compactions of its commits that do not overlap, longest first', () => {
    const compaction = (from: number, to: number): string => `${v(from)}.${v(to)}.compacted.json`
    const all = files(
      ...commits(0, 12),
      `${v(3)}.checkpoint.parquet`,
      compaction(2, 5), // Begins below the checkpoint.
      compaction(4, 5),
      compaction(4, 7),
      compaction(6, 9), // Overlaps the one before.
      compaction(8, 9),
      compaction(11, 14), // Ends beyond the version.
    )
    const chosen = (version?: number): unknown => {
      const planned = planSegment(all, version)
      return planned.kind === 'found' && planned.segment.compactions.map((each) => [each.version, each.endVersion])
    }
    expect(chosen()).toEqual([
      [4, 7],
      [8, 9],
    ])
    expect(chosen(7)).toEqual([[4, 7]])
    expect(chosen(6)).toEqual([[4, 5]])
    expect(chosen(4)).toEqual([])
    expect(planSegment(files(...commits(0, 3), `${v(5)}.json`, compaction(3, 5)))).toMatchObject({ kind: 'gap' })
  })

  it('names the newest version checksum that belongs to it', () => {
    const all = files(...commits(0, 9), `${v(5)}.checkpoint.parquet`, ...[1, 5, 7].map((each) => `${v(each)}.crc`))
    expect(planSegment(all)).toMatchObject({ segment: { checksum: 7 } })
    expect(planSegment(all, 6)).toMatchObject({ segment: { checksum: 5 } })
    expect(planSegment(all, 0)).not.toHaveProperty('segment.checksum')
    expect(planSegment(files(...commits(0, 9), `${v(5)}.checkpoint.parquet`, `${v(4)}.crc`))).not.toHaveProperty(
      'segment.checksum',
    )
  })

  it('an empty log is no table', () => {
    expect(planSegment([])).toEqual({ kind: 'empty' })
  })
})

describe('listing a segment', () => {
  const tableWith = (hint?: string): TestStore => {
    const store = new TestStore()
    for (const name of [...commits(0, 12), `${v(10)}.checkpoint.parquet`]) store.seed(`_delta_log/${name}`, 'x')
    store.seed('_delta_log/_sidecars/x.parquet', 'x')
    if (hint !== undefined) store.seed('_delta_log/_last_checkpoint', hint)
    return store
  }

  it('starts at the hint', async () => {
    const store = tableWith('{"version":10,"size":3}')
    expect(await listSegment(store)).toMatchObject({ version: 12, commits: [11, 12] })
    expect(store.requests).toEqual(['get _delta_log/_last_checkpoint', 'list _delta_log/'])
  })

  it.each([
    ['is not JSON', 'nonsense'],
    ['is empty', ''],
    ['has no version', '{"size":3}'],
    ['has a version of another type', '{"version":"10"}'],
    ['is null', 'null'],
    ['names a checkpoint that is not there', '{"version":11,"size":3}'],
    ['is ahead of the log', '{"version":4000,"size":3}'],
    ['is missing', undefined],
  ])('lists from the start when the hint %s', async (_, hint) => {
    expect(await listSegment(tableWith(hint))).toMatchObject({
      version: 12,
      commits: [11, 12],
      checkpoint: { version: 10 },
    })
  })
})

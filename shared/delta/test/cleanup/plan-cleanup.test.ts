import { describe, expect, it } from 'vitest'
import { newTableActions, type Metadata, type Protocol } from '../../src/index.ts'
import { cutoffMs, planCleanup, sidecarsKeptSinceMs, type CleanupPlan } from '../../src/cleanup/plan-cleanup.ts'
import { parseLogFile } from '../../src/log/file-names.ts'
import { plainSchema } from '../support/table.ts'

const v = (version: number): string => String(version).padStart(20, '0')
const uuid = '80a083e8-7026-4e79-81be-64bd76c43a11'

function metadata(configuration: Readonly<Record<string, string>> = {}): Metadata {
  const made = newTableActions({ id: 'i', schema: plainSchema, partitionColumns: [], configuration, createdMs: 1 })
  return made.flatMap((each) => ('metaData' in each ? [each.metaData] : []))[0] as Metadata
}

const protocol: Protocol = { minReaderVersion: 1, minWriterVersion: 2 }

function plan(
  names: readonly string[],
  cutoffCommit: number | undefined,
  over: {
    configuration?: Readonly<Record<string, string>>
    protocol?: Protocol
    keepFromVersion?: number
    staged?: readonly string[]
  } = {},
): CleanupPlan {
  const files = names.map((name) => `_delta_log/${name}`).sort()
  return planCleanup({
    protocol: over.protocol ?? protocol,
    metadata: metadata(over.configuration),
    files: files.flatMap((key) => parseLogFile(key, 0) ?? []),
    staged: over.staged ?? [],
    cutoffCommit,
    keepFromVersion: over.keepFromVersion,
  })
}

const commits = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `${v(from + index)}.json`)
const checkpoint = (version: number): string => `${v(version)}.checkpoint.parquet`
const shown = (found: CleanupPlan): unknown => {
  if (found.kind === 'nothing') return found.reason
  const names = (keys: readonly string[]): readonly string[] => keys.map((key) => key.slice('_delta_log/'.length))
  const { checkpointVersion, auxiliaries, checkpoints } = found
  return [checkpointVersion, names(found.commits), names(checkpoints), names(auxiliaries)]
}

describe('the cutoff', () => {
  const noonMs = Date.UTC(2026, 5, 20, 12)

  it.each([
    [undefined, Date.UTC(2026, 4, 21)],
    ['interval 1 week', Date.UTC(2026, 5, 13)],
    ['interval 0 days', Date.UTC(2026, 5, 20)],
    ['interval 13 hours', Date.UTC(2026, 5, 19)],
    ['interval 18 months', -Infinity],
  ])('of delta.logRetentionDuration %s is midnight UTC', (duration, expected) => {
    const configuration = duration === undefined ? {} : { 'delta.logRetentionDuration': duration }
    expect(cutoffMs(metadata(configuration), noonMs)).toBe(expected)
  })

  it('of sidecars is a day before midnight', () => {
    expect(sidecarsKeptSinceMs(noonMs)).toBe(Date.UTC(2026, 5, 19))
  })
})

describe('planning a clean-up', () => {
  it('takes what is before the newest checkpoint that is no newer than the cutoff, and keeps that one with its commit', () => {
    const names = [...commits(0, 9), checkpoint(2), checkpoint(5), checkpoint(8), `${v(3)}.crc`, `${v(5)}.crc`]
    expect(shown(plan(names, 7))).toEqual([5, commits(0, 4), [checkpoint(2)], [`${v(3)}.crc`]])
  })

  it('a checkpoint at the cutoff will do', () => {
    expect(shown(plan([...commits(0, 3), checkpoint(2)], 2))).toEqual([2, commits(0, 1), [], []])
  })

  it('takes compactions that begin at the checkpoint or before, and no others', () => {
    const compaction = (from: number, to: number): string => `${v(from)}.${v(to)}.compacted.json`
    const names = [...commits(3, 9), checkpoint(4), compaction(2, 3), compaction(4, 6), compaction(5, 7)]
    expect(shown(plan(names, 8))).toEqual([4, commits(3, 3), [], [compaction(2, 3), compaction(4, 6)]])
  })

  it('takes every form of checkpoint, also those of which parts are missing', () => {
    const part = `${v(2)}.checkpoint.0000000001.0000000002.parquet`
    const v2 = `${v(1)}.checkpoint.${uuid}.json`
    expect(shown(plan([...commits(0, 5), part, v2, checkpoint(4)], 5))).toEqual([4, commits(0, 3), [v2, part], []])
  })

  it('builds on no checkpoint of which parts are missing', () => {
    const part = `${v(4)}.checkpoint.0000000001.0000000002.parquet`
    expect(shown(plan([...commits(0, 5), checkpoint(2), part], 5))).toEqual([2, commits(0, 1), [], []])
  })

  it('takes staged commits up to the checkpoint', () => {
    const staged = [2, 3, 4].map((version) => `_delta_log/_staged_commits/${v(version)}.${uuid}.json`)
    const found = plan([...commits(0, 5), checkpoint(3)], 4, { staged: [...staged, '_delta_log/_staged_commits/x'] })
    expect(found).toMatchObject({ auxiliaries: staged.slice(0, 2) })
  })

  it('goes on where one before it died', () => {
    expect(shown(plan([...commits(3, 9), checkpoint(2), checkpoint(5)], 7))).toEqual([
      5,
      commits(3, 4),
      [checkpoint(2)],
      [],
    ])
    expect(shown(plan([...commits(5, 9), checkpoint(2), checkpoint(5)], 7))).toEqual([5, [], [checkpoint(2)], []])
    expect(shown(plan([...commits(5, 9), checkpoint(5)], 7))).toMatch(
      /nothing is left before the checkpoint of version 5/,
    )
  })

  it('keeps what its caller still reads', () => {
    const names = [...commits(0, 9), checkpoint(2), checkpoint(5)]
    expect(shown(plan(names, 7, { keepFromVersion: 4 }))).toEqual([2, commits(0, 1), [], []])
    expect(shown(plan(names, 7, { keepFromVersion: 1 }))).toMatch(/no checkpoint is as old as version 1/)
  })

  it.each([
    ['no version is as old', plan([...commits(0, 5), checkpoint(3)], undefined), /no version is older/],
    ['no checkpoint is as old', plan([...commits(0, 5), checkpoint(3)], 2), /no checkpoint is as old as version 2/],
    [
      'the table says so',
      plan([...commits(0, 5), checkpoint(3)], 4, { configuration: { 'delta.enableExpiredLogCleanup': 'False' } }),
      /enableExpiredLogCleanup/,
    ],
  ])('takes nothing where %s', (_, found, reason) => {
    expect(shown(found)).toMatch(reason)
  })

  it.each([
    ['4', 'nothing'],
    ['3', 'clean'],
    ['0', 'clean'],
    ['soon', 'nothing'],
  ])('checkpoints before version %s are protected: %s', (version, kind) => {
    const configuration = { 'delta.requireCheckpointProtectionBeforeVersion': version }
    const features = { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ['checkpointProtection'] }
    const names = [...commits(0, 5), checkpoint(3)]
    expect(plan(names, 5, { configuration, protocol: features }).kind).toBe(kind)
    expect(plan(names, 5, { configuration }).kind, 'without the feature nothing is protected').toBe('clean')
  })
})

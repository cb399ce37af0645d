import { field, struct, type Log } from '@silt/core'
import { expect, test } from 'vitest'
import { PathWatch, slowPathReasons } from '../src/path-watch.ts'
import type { WriterMetrics } from '../src/writer-metrics.ts'

type State = NonNullable<Parameters<PathWatch['look']>[0]>

const state = (configuration: Readonly<Record<string, string>>, partitionColumns: readonly string[] = []): State =>
  ({
    protocol: {
      minReaderVersion: 1,
      minWriterVersion: 7,
      writerFeatures: ['checkConstraints', 'generatedColumns', 'invariants', 'allowColumnDefaults'],
    },
    metadata: { configuration, partitionColumns },
    schema: struct([
      { ...field('a', 'long'), metadata: { 'delta.generationExpression': 'b + 1' } },
      {
        ...field('b', 'long'),
        metadata: { CURRENT_DEFAULT: '1', 'delta.invariants': '{"expression":{"expression":"b > 0"}}' },
      },
    ]),
    domains: new Map(),
  }) as unknown as State

test('what makes rows be decoded one by one is named: rules and partition columns', () => {
  expect(slowPathReasons(state({ 'delta.constraints.positive': 'a > 0' }, ['b']))).toEqual([
    'invariant b',
    'constraint positive',
    'generated column a',
    'a default of column b',
    'partition columns b',
  ])
  const plain = { ...state({}), schema: struct([field('a', 'long')]) } as unknown as State
  expect(slowPathReasons(plain)).toEqual([])
  const byDay = { ...plain, metadata: { ...plain.metadata, partitionColumns: ['event_date'] } } as unknown as State
  expect(slowPathReasons(byDay)).toEqual([])
})

test('it is told once, and the gauge follows the table', () => {
  const said: string[] = []
  const gauges: boolean[] = []
  const log = { warn: (_: unknown, message: string) => said.push(message) } as unknown as Log
  const watch = new PathWatch(log, { rowByRow: (isSo: boolean) => gauges.push(isSo) } as unknown as WriterMetrics)
  const ruled = state({})
  watch.look(undefined)
  watch.look(ruled)
  watch.look(ruled)
  watch.look(state({}))
  watch.look({ ...state({}), schema: struct([field('a', 'long')]) })
  expect(said).toHaveLength(1)
  expect(said[0]).toContain('the table has invariant b, generated column a, a default of column b')
  expect(gauges).toEqual([true, true, false])
})

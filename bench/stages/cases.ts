import { typicalEvents, type EventOptions } from '../events/event-maker.ts'

export const codecs = ['none', 'lz4', 'snappy', 'zstd', 'gzip'] as const

/** One point of what is varied; everything else is as in the base: 50,000-row units of typical events with ordered keys, all sound, in lz4. */
export interface StageCase {
  readonly axis: 'unit size' | 'key order' | 'event size' | 'records' | 'codec'
  readonly label: string
  readonly unitRows: number
  readonly eventCount: number
  readonly events: EventOptions
  readonly codec: (typeof codecs)[number]
  /** Only reading differs by the codec. */
  readonly kafkaOnly: boolean
}

/** Events a sample is of: enough for 100 ms of CPU. */
const eventCountMin = 100_000

export const stageCases: readonly StageCase[] = [
  ...[100, 1000, 10_000, 50_000, 100_000, 200_000].map((unitRows) =>
    stageCase('unit size', unitRows.toLocaleString('en'), {
      unitRows,
      eventCount: Math.max(unitRows, unitRows <= 100 ? eventCountMin / 5 : eventCountMin),
    }),
  ),
  stageCase('key order', 'shuffled', { events: { keyOrder: 'shuffled' } }),
  stageCase('event size', 'small', { events: { size: 'small' } }),
  // As many as a unit has room for in the memory that all of its records stand in here.
  stageCase('event size', 'large, units of 20,000', {
    events: { size: 'large' },
    unitRows: 20_000,
    eventCount: 40_000,
  }),
  stageCase('records', '1 % rescued', { events: { rescuedShare: 0.01 } }),
  stageCase('records', '10 % rescued', { events: { rescuedShare: 0.1 } }),
  stageCase('records', '1 % not JSON', { events: { brokenShare: 0.01 } }),
  stageCase('records', '10 % not JSON', { events: { brokenShare: 0.1 } }),
  ...codecs.map((codec) => stageCase('codec', codec, { codec, kafkaOnly: true, unitRows: 100_000 })),
]

function stageCase(
  axis: StageCase['axis'],
  label: string,
  given: Partial<Omit<StageCase, 'events'>> & { readonly events?: Partial<EventOptions> },
): StageCase {
  return {
    axis,
    label,
    unitRows: 50_000,
    eventCount: eventCountMin,
    codec: 'lz4',
    kafkaOnly: false,
    ...given,
    events: { ...typicalEvents, ...given.events },
  }
}

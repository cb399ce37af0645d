import type { MemoryResult } from '../memory/section.ts'
import { micros, table, whole, type Cell } from './markdown.ts'

const megabyte = 1e6 / 2 ** 20

/** What was resident of the writer at most, in short, and of all three part by part. */
export function memoryTables(results: readonly MemoryResult[]): string {
  return `The writer:\n\n${summaryTable(results)}\n\nMillion by million, highest RSS in MB (of 1,000,000 bytes):\n\n${seriesTable(results)}`
}

/** Highest RSS of the writer, MB. */
export function writerMemory({ events, partEvents, series }: MemoryResult): {
  readonly first: number
  readonly fifth: number
  /** Of the topic, before it went on. */
  readonly last: number
  readonly highest: number
  /** A part, in the second half of the topic: of a straight line through them. */
  readonly growth: number
  readonly withLarge: number
  readonly afterLarge: number
} {
  const all = megabytesOf(series, 'writer')
  const parts = Math.floor(events / partEvents)
  const topic = all.slice(0, parts)
  const at = (index: number): number => all[index] ?? Number.NaN
  return {
    first: at(0),
    fifth: at(Math.min(4, parts - 1)),
    last: at(parts - 1),
    highest: Math.max(...topic),
    growth: slopeOf(topic.slice(parts >> 1)),
    withLarge: at(parts + 1),
    afterLarge: at(parts + 2),
  }
}

function summaryTable(results: readonly MemoryResult[]): string {
  const head = [
    'MB',
    'first million',
    'fifth',
    'last of the topic',
    'growth a million, second half',
    'with an event of 16 MB',
    'the million after it',
    'threads that let go of their memory, before and after it',
  ]
  const rows = results.map((result): Cell[] => {
    const { first, fifth, last, growth, withLarge, afterLarge } = writerMemory(result)
    const { beforeLarge, atEnd } = result.replaced
    const columns = [first, fifth, last].map(whole)
    const later = [withLarge, afterLarge].map(whole)
    return [
      `compile cache ${result.cache}`,
      ...columns,
      micros(growth),
      ...later,
      `${beforeLarge}, ${atEnd - beforeLarge}`,
    ]
  })
  return table(head, rows)
}

function seriesTable(results: readonly MemoryResult[]): string {
  const columns = results.flatMap(({ cache, series }) =>
    series.map(({ name }) => ({ title: `${name}, ${cache}`, megabytes: megabytesOf(series, name) })),
  )
  const [result] = results
  const parts = Math.max(0, ...columns.map(({ megabytes }) => megabytes.length))
  const inTopic = result === undefined ? 0 : Math.floor(result.events / result.partEvents)
  const label = (part: number): string => {
    if (part < inTopic) return String(part + 1)
    return `${part + 1}, as produced${part === inTopic + 1 ? ', one event of 16 MB first' : ''}`
  }
  const rows = Array.from({ length: parts }, (_, part): Cell[] => [
    label(part),
    ...columns.map(({ megabytes }) => whole(megabytes[part] ?? Number.NaN)),
  ])
  return table(['', ...columns.map(({ title }) => title)], rows)
}

function megabytesOf(series: MemoryResult['series'], process: string): number[] {
  return (series.find(({ name }) => name === process)?.highestMiB ?? []).map((mebibytes) => mebibytes / megabyte)
}

/** Least squares. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const over = values.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0)
  return (
    over /
    Math.max(
      1,
      values.reduce((sum, _, index) => sum + (index - middle) ** 2, 0),
    )
  )
}

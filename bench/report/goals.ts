import type { MemoryResult } from '../memory/section.ts'
import type { RunMeasure } from '../pipeline/measure-run.ts'
import type { PipelineResult } from '../pipeline/section.ts'
import type { CaseResult } from '../stages/section.ts'
import { table, type Cell } from './markdown.ts'
import { writerMemory } from './memory-tables.ts'
import { peerOf } from './pipeline-tables.ts'
import { find } from './stage-tables.ts'

/** A figure that has to be at most, or at least, so much. */
interface Goal {
  readonly what: string
  readonly isMost: boolean
  readonly bound: number
  readonly value: number | undefined
  readonly unit?: string
}

/** Empty where it was not measured. */
interface Measured {
  readonly stages: readonly CaseResult[]
  readonly pipeline: readonly PipelineResult[]
  readonly pipelineLong: readonly PipelineResult[]
  readonly memory: readonly MemoryResult[]
}

/** What was promised beside what was measured, met or not. */
export function goalTable({ stages, pipeline, pipelineLong, memory }: Measured): string {
  const rows = [...stageGoals(stages), ...pipelineGoals(pipeline, pipelineLong), ...memoryGoals(pipeline, memory)].map(
    ({ what, isMost, bound, value, unit = '' }): Cell[] => {
      if (value === undefined) return [what, `${isMost ? 'at most' : 'at least'} ${bound}${unit}`, 'not measured', '']
      const isMet = isMost ? value <= bound : value >= bound
      const digits = bound >= 100 ? 0 : bound >= 8 ? 1 : 2
      return [
        what,
        `${isMost ? 'at most' : 'at least'} ${bound}${unit}`,
        `${value.toFixed(digits)}${unit}`,
        isMet ? 'yes' : 'no',
      ]
    },
  )
  return table(['', 'goal', 'measured', 'met'], rows)
}

function stageGoals(stages: readonly CaseResult[]): Goal[] {
  const at = (axis: CaseResult['axis'], label: string): CaseResult | undefined =>
    stages.find((each) => each.axis === axis && each.label === label)
  const cpu = (result: CaseResult | undefined, name: string): number | undefined =>
    find(result, name)?.cpuMicrosPerEvent.median
  const toDuckDb = (result: CaseResult | undefined, name: string): number | undefined =>
    over(cpu(result, name), cpu(result, 'duckdb'))
  const bytes = (label: string): number | undefined => {
    const result = at('unit size', label)
    return over(find(result, 'plane')?.bytesPerRow, find(result, 'duckdb')?.bytesPerRow)
  }
  return [
    most('scan + encode : DuckDB, CPU, units of 50,000', 0.6, toDuckDb(at('unit size', '50,000'), 'plane')),
    most('the same, keys shuffled', 0.8, toDuckDb(at('key order', 'shuffled'), 'plane')),
    most('Kafka to file : DuckDB, CPU, units of 100,000', 0.75, toDuckDb(at('unit size', '100,000'), 'kafka')),
    most('the same, units of 200,000', 0.75, toDuckDb(at('unit size', '200,000'), 'kafka')),
    most('Kafka to file, units of 100,000', 1.6, cpu(at('unit size', '100,000'), 'kafka'), ' µs/event'),
    most('bytes : DuckDB, units of 50,000', 1, bytes('50,000')),
    most('bytes : DuckDB, units of 200,000', 1, bytes('200,000')),
  ]
}

function pipelineGoals(pipeline: readonly PipelineResult[], pipelineLong: readonly PipelineResult[]): Goal[] {
  const silt = (results: readonly PipelineResult[], label: string): RunMeasure | undefined =>
    results.find(({ median, store }) => store === 'folder' && median.label === label)?.median
  const cpu = (results: readonly PipelineResult[], label: string): number | undefined =>
    over(peerOf(results)?.median.cpuMicrosPerEvent, silt(results, label)?.cpuMicrosPerEvent)
  const [one, three] = ['Silt, one process', 'Silt, three processes'] as const
  const peer = peerOf(pipeline)?.median
  return [
    least('Python : all of Silt, one process, CPU, five million events', 12, cpu(pipeline, one)),
    least('the same, three processes', 12, cpu(pipeline, three)),
    least('Python : all of Silt, one process, CPU, a topic of twenty million', 12, cpu(pipelineLong, one)),
    least('the same, three processes', 12, cpu(pipelineLong, three)),
    least(
      'Silt, one process : Python, events/s from process start',
      8,
      over(silt(pipeline, one)?.eventsPerSecond, peer?.eventsPerSecond),
    ),
    least(
      'Silt, three processes : Python, the same',
      8,
      over(silt(pipeline, three)?.eventsPerSecond, peer?.eventsPerSecond),
    ),
  ]
}

/** Of memory that was measured with and without a compile cache, the most. */
function memoryGoals(pipeline: readonly PipelineResult[], memory: readonly MemoryResult[]): Goal[] {
  const run = pipeline.find(({ median, store }) => store === 'folder' && median.processes.length > 1)?.median
  const writer = run?.processes.find(({ name }) => name === 'writer')
  const peakMB = writer === undefined ? undefined : (writer.peakRssMiB * 2 ** 20) / 1e6
  const of = memory.map(writerMemory)
  const highest = (value: (writer: ReturnType<typeof writerMemory>) => number): number | undefined =>
    of.length === 0 ? undefined : Math.max(...of.map(value))
  const millions = (memory[0]?.events ?? 20_000_000) / 1e6
  return [
    most('RSS of the writer process, 2 threads, five million events', 400, peakMB, ' MB'),
    most(
      `the same, ${millions} million events, whatever was compiled before`,
      400,
      highest((each) => each.highest),
      ' MB',
    ),
    most(
      'the same, in the million after an event of 16 MB',
      400,
      highest((each) => each.afterLarge),
      ' MB',
    ),
    most(
      'its last of five millions : its first',
      1,
      highest(({ first, fifth }) => fifth / first),
    ),
    most(
      'its last million : its fifth',
      1,
      highest(({ fifth, last }) => last / fifth),
    ),
  ]
}

function over(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? undefined : left / right
}

function most(what: string, bound: number, value: number | undefined, unit?: string): Goal {
  return { what, isMost: true, bound, value, ...(unit === undefined ? {} : { unit }) }
}

function least(what: string, bound: number, value: number | undefined): Goal {
  return { what, isMost: false, bound, value }
}

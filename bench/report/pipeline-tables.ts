import type { RunMeasure } from '../pipeline/measure-run.ts'
import type { PipelineResult } from '../pipeline/section.ts'
import { micros, table, whole, type Cell } from './markdown.ts'

/** The same machine with the encoder before the data plane, on the demo's events of 558 bytes: 1,000,000 events, medians of 3 rounds. */
const before = [
  { label: 'Silt, one process', eventsPerSecond: 215_440, cpuMicros: 9.29, bytes: 43.4, peakMiB: 740 },
  { label: 'Silt, three processes', eventsPerSecond: 216_684, cpuMicros: 11.18, bytes: 43.4, peakMiB: 1075 },
  { label: 'hand-written Python', eventsPerSecond: 89_550, cpuMicros: 11.68, bytes: 50.5, peakMiB: 572 },
]

export function pipelineTables(results: readonly PipelineResult[]): string {
  const folder = results.filter(({ store }) => store === 'folder')
  const minio = results.filter(({ store }) => store === 'minio')
  const parts = [
    ['Into a local folder:', runTable(folder, results)],
    ...(minio.length === 0
      ? []
      : [['Into a bucket of MinIO, which is on the same cores as well:', runTable(minio, results)]]),
    ['Memory, of each process of the runs into a folder:', memoryTable(folder)],
    ['Events a second and core (of CPU time, all processes), before the data plane and now:', beforeTable(folder)],
  ]
  return parts.map(([title, of]) => `${title}\n\n${of}`).join('\n\n')
}

/** Of a topic so long that starts weigh little. */
export function pipelineLongTables(results: readonly PipelineResult[]): string {
  return `${runTable(results, results)}\n\nMemory, of each process:\n\n${memoryTable(results)}`
}

function runTable(results: readonly PipelineResult[], all: readonly PipelineResult[]): string {
  const peer = peerOf(all)?.median
  return table(
    [
      '',
      'events',
      'runs',
      'events/s from process start',
      ': Python',
      'events/s, first to last commit',
      'CPU µs/event',
      'Python :',
      'CPU µs/event after the first million',
      'Python :',
      'bytes/event',
      'files',
      'versions',
    ],
    results.map(({ median, runs }): Cell[] => {
      const later = median.laterCpuMicrosPerEvent
      const cpu = runs.map(({ cpuMicrosPerEvent }) => cpuMicrosPerEvent)
      return [
        median.label,
        whole(median.rows),
        runs.length,
        whole(median.eventsPerSecond),
        peer === undefined ? '' : micros(median.eventsPerSecond / peer.eventsPerSecond),
        whole(median.steadyEventsPerSecond),
        `${micros(median.cpuMicrosPerEvent)} (${micros(Math.min(...cpu))}-${micros(Math.max(...cpu))})`,
        peer === undefined ? '' : micros(peer.cpuMicrosPerEvent / median.cpuMicrosPerEvent),
        later === undefined ? '' : micros(later),
        later === undefined || peer?.laterCpuMicrosPerEvent === undefined
          ? ''
          : micros(peer.laterCpuMicrosPerEvent / later),
        median.bytesPerEvent.toFixed(1),
        whole(median.files),
        whole(median.dataCommits),
      ]
    }),
  )
}

function memoryTable(results: readonly PipelineResult[]): string {
  return table(
    ['', 'CPU µs/event', 'RSS MiB, peak', 'highest in the first million', 'highest in the last million'],
    results.flatMap(({ median }) =>
      median.processes.map(({ name, cpuMicrosPerEvent, peakRssMiB, firstRssMiB, lastRssMiB }): Cell[] => [
        median.processes.length > 1 ? `${median.label}: ${name}` : median.label,
        micros(cpuMicrosPerEvent),
        whole(peakRssMiB),
        whole(firstRssMiB),
        whole(lastRssMiB),
      ]),
    ),
  )
}

function beforeTable(results: readonly PipelineResult[]): string {
  const perCore = (cpuMicros: number): string => whole(1e6 / cpuMicros)
  return table(
    ['', 'before', 'now', 'before, CPU µs/event', 'now, CPU µs/event', 'before, bytes/event', 'now, bytes/event'],
    before.flatMap(({ label, cpuMicros, bytes }): Cell[][] => {
      const now = results.find(({ median }) => median.label === label)?.median
      if (now === undefined) return []
      const cells = [
        perCore(cpuMicros),
        perCore(now.cpuMicrosPerEvent),
        micros(cpuMicros),
        micros(now.cpuMicrosPerEvent),
      ]
      return [[label, ...cells, bytes.toFixed(1), now.bytesPerEvent.toFixed(1)]]
    }),
  )
}

/** The hand-written writer's result; undefined where it did not run. */
export function peerOf(results: readonly PipelineResult[]): PipelineResult | undefined {
  return results.find(({ median }) => median.label === 'hand-written Python')
}

/** Peaks of all processes. */
export function peakRssMiB({ processes }: RunMeasure): number {
  return processes.reduce((sum, { peakRssMiB: peak }) => sum + peak, 0)
}

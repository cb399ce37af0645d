import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { WriteJob } from '@silt/contracts'
import { systemClock, systemRandom } from '@silt/core'
import { KafkaSource } from '@silt/source'
import { PlanePlace } from '@silt/writer/unit-thread'
import { openThreadSource, type ThreadSourcePlan } from '@silt/cli/thread-source'
import { runPython } from '../../tests/support/python.ts'
import { createTopic } from '../../tests/support/topics.ts'
import { cpuMicros } from '../measure/cpu.ts'
import type { Contender, Sample } from '../measure/in-turns.ts'
import type { StageCase } from './cases.ts'
import { eventSpec } from './event-units.ts'

const partitions = 6
const recordBytesMax = 16 * 1024 * 1024
const produce = fileURLToPath(new URL('../../tests/load/produce.py', import.meta.url))

/** A topic with the events of a file, dealt out over its partitions. */
export interface StageTopic {
  readonly bootstrapServers: string
  readonly topic: string
}

export async function fillTopic(target: StageTopic, path: string, codec: StageCase['codec']): Promise<void> {
  const { bootstrapServers, topic } = target
  await createTopic(bootstrapServers, topic, partitions)
  await runPython(produce, [path, bootstrapServers, topic, String(partitions), codec])
}

/** Read, scanned, encoded and written to a file as a unit thread does it, on this thread. `folder` gets the files. */
export async function kafkaStage(
  target: StageTopic,
  { eventCount, unitRows }: Pick<StageCase, 'eventCount' | 'unitRows'>,
  folder: string,
): Promise<Required<Contender>> {
  const jobs = await jobsOf(target, eventCount, unitRows)
  const spec = eventSpec(target.topic)
  const plan = sourcePlan(target)
  const open = (): PlanePlace =>
    new PlanePlace({
      openSource: (reading) =>
        openThreadSource(plan, reading, {
          security: () => Promise.reject(new Error('the broker asks for no security')),
          clock: systemClock,
          random: systemRandom,
        }),
      clock: systemClock,
      recordBytesMax,
    })
  let place = open()
  const sample = async (): Promise<Sample> => {
    let [rows, fileBytes] = [0, 0]
    const startMicros = cpuMicros()
    for (const job of jobs) {
      if (place.isSpent) {
        await place.close()
        place = open()
      }
      const order = { job, spec, unitBytesMax: 1024 * 1024 * 1024 }
      const { unit, reading } = await place.runner.run(order, { onSlab: () => undefined }, new AbortController().signal)
      if (reading.isUnchecked) throw new Error('the unit ended short')
      for (const [index, file] of unit.files.entries()) {
        writeFileSync(join(folder, `part-${index}.parquet`), file.bytes)
        rows += file.rowCount
        fileBytes += file.bytes.byteLength
      }
    }
    return { cpuMicros: cpuMicros() - startMicros, rows, fileBytes }
  }
  return { name: 'kafka', sample, close: () => place.close() }
}

export function sourcePlan({ bootstrapServers }: StageTopic): ThreadSourcePlan {
  return {
    kind: 'kafka',
    recordBytesMax,
    address: { bootstrapServers: bootstrapServers.split(','), clientId: 'silt-bench' },
    isolation: 'read_committed',
    isSecured: false,
  }
}

/** Units of so many rows, of every partition a share, as an ingestor cuts them from a backlog. */
export async function jobsOf(target: StageTopic, eventCount: number, unitRows: number): Promise<WriteJob[]> {
  const { topic, bootstrapServers } = target
  const clients = { clock: systemClock, random: systemRandom }
  const source = new KafkaSource({
    bootstrapServers: bootstrapServers.split(','),
    clientId: 'silt-bench',
    ...clients,
  })
  try {
    const found = await source.partitions(topic)
    const topicId = found?.[0]?.topicId ?? null
    const jobs: WriteJob[] = []
    for (let start = 0; start < eventCount; start += unitRows) {
      const end = Math.min(eventCount, start + unitRows)
      const ranges = Array.from({ length: partitions }, (_, partition) => ({
        partition,
        start: share(start, partition),
        endExclusive: share(end, partition),
        restart: 0,
      })).filter(({ start: from, endExclusive }) => endExclusive > from)
      jobs.push({ v: 1, tableId: 'bench', topic, topicId, unitId: `${start}`, ranges, cutAtMs: 0, full: true })
    }
    return jobs
  } finally {
    await source.close()
  }
}

/** How many of the first events are in a partition, which are dealt out one by one. */
function share(events: number, partition: number): number {
  return Math.ceil((events - partition) / partitions)
}

import { systemClock, systemRandom, type EncodeSpec, type Source } from '@silt/core'
import type { PlaneReading } from '@silt/dataplane'
import { KafkaSource } from '@silt/source'
import { expect } from 'vitest'
import type { FakeCluster } from '../../../../shared/source/test/kafka/fake-broker.ts'
import { InlineEncoder } from '../../src/encode/inline-encoder.ts'
import { LocalUnitRunner } from '../../src/local-unit-runner.ts'
import { PlanePlace, type PlanePlaceOptions } from '../../src/unit-threads/plane-place.ts'
import type { UnitOrder, UnitRunner } from '../../src/unit-runner.ts'
import { orderOf } from './unit-runner-contract.ts'

export const recordBytesMax = 3000
const planeBytes = 512 * 1024 * 1024

/** A place that reads the cluster's topic, with the memory it reads into. */
export function kafkaPlace(
  cluster: FakeCluster,
  touchedBytesMax = planeBytes,
  other: Partial<PlanePlaceOptions> = {},
): { readonly place: PlanePlace; readonly reading: PlaneReading } {
  const made: PlaneReading[] = []
  const openSource = (reading: PlaneReading): Source => {
    made.push(reading)
    return sourceOf(cluster, reading)
  }
  const place = new PlanePlace({ openSource, clock: systemClock, recordBytesMax, touchedBytesMax, ...other })
  return { place, reading: made[0]! }
}

/** Reads in JavaScript's memory and decodes record by record: what every place has to equal. */
export function plainRunner(cluster: FakeCluster): UnitRunner & { close(): Promise<void> } {
  const source = sourceOf(cluster, undefined)
  const local = new LocalUnitRunner({ source, encoder: new InlineEncoder(), clock: systemClock })
  return { run: (...unit) => local.run(...unit), close: () => source.close() }
}

export function kafkaOrder(
  { topic, topicId }: FakeCluster,
  start: number,
  endExclusive: number,
  spec: Partial<EncodeSpec> = {},
): UnitOrder {
  const order = orderOf([0, start, endExclusive])
  return {
    ...order,
    job: { ...order.job, topic, topicId },
    spec: { ...order.spec, topic, topicId, recordBytesMax, ...spec },
  }
}

/** Has the plane trap as it reads: bytes beyond its memory. */
export function trap({ reading }: ReturnType<typeof kafkaPlace>): void {
  const { buffer } = reading.landing().take(1)
  const beyond = { buffer, byteOffset: buffer.byteLength - 1, length: 4096 } as unknown as Buffer
  expect(() => reading.collectorOf(0).crc32c(beyond)).toThrow('the data plane trapped')
}

export function sourceOf({ bootstrapServers }: FakeCluster, reading: PlaneReading | undefined): KafkaSource {
  return new KafkaSource({
    ...{ bootstrapServers, clientId: 'test', recordBytesMax, clock: systemClock, random: systemRandom },
    ...{ fetchBytesMax: 20_000, slabBytesMax: 5000 },
    ...reading,
  })
}

import { systemClock, systemRandom, type EncodeSpec, type Source } from '@silt/core'
import type { PlaneReading } from '@silt/dataplane'
import { KafkaSource } from '@silt/source'
import type { FakeCluster } from '../../../../shared/source/test/kafka/fake-broker.ts'
import { InlineEncoder } from '../../src/encode/inline-encoder.ts'
import { LocalUnitRunner } from '../../src/local-unit-runner.ts'
import { PlanePlace } from '../../src/unit-threads/plane-place.ts'
import type { UnitOrder, UnitRunner } from '../../src/unit-runner.ts'
import { orderOf } from './unit-runner-contract.ts'

export const recordBytesMax = 3000
const planeBytes = 512 * 1024 * 1024

/** A place that reads the cluster's topic, with the memory it reads into. */
export function kafkaPlace(
  cluster: FakeCluster,
  touchedBytesMax = planeBytes,
): { readonly place: PlanePlace; readonly reading: PlaneReading } {
  const made: PlaneReading[] = []
  const openSource = (reading: PlaneReading): Source => {
    made.push(reading)
    return sourceOf(cluster, reading)
  }
  const place = new PlanePlace({ openSource, clock: systemClock, recordBytesMax, touchedBytesMax })
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

/** Takes of the place's memory until no more than `bytes` were never touched. */
export function leaveRoom({ place, reading }: ReturnType<typeof kafkaPlace>, bytes: number): void {
  for (let size = 2 ** 24; size >= 2 ** 10; size /= 2)
    while (planeBytes - place.touchedBytes - size >= bytes) reading.landing().take(size - 80)
}

export function sourceOf({ bootstrapServers }: FakeCluster, reading: PlaneReading | undefined): KafkaSource {
  return new KafkaSource({
    ...{ bootstrapServers, clientId: 'test', recordBytesMax, clock: systemClock, random: systemRandom },
    ...{ fetchBytesMax: 20_000, slabBytesMax: 5000 },
    ...reading,
  })
}

import type { Settings } from '@silt/config'
import type { Clock, Random, Source } from '@silt/core'
import {
  FilesSource,
  KafkaSource,
  type CollectorOf,
  type ConnectionSecurity,
  type Isolation,
  type Landing,
} from '@silt/source'
import type { KafkaAddress } from './open-source.ts'

const MIB = 1024 * 1024
/** With what stands around the records an answer takes a whole block of the plane, 1 MiB, and none of the next size. */
const fetchBytesMax = MIB - 4096
/** Small enough to be in the processor's cache between fetching and decoding. */
const slabBytesMax = 256 * 1024

/** How a unit thread reaches the source, as data: nothing in it is secret. */
export type ThreadSourcePlan = { readonly recordBytesMax: number } & (
  | { readonly kind: 'files'; readonly topicsDir: string }
  | {
      readonly kind: 'kafka'
      readonly address: KafkaAddress
      readonly isolation: Isolation
      /** Connections are secured by what the thread's writer says. */
      readonly isSecured: boolean
    }
)

export function threadSourcePlan(settings: Settings, kafka: KafkaAddress | undefined): ThreadSourcePlan {
  const recordBytesMax = settings.RECORD_BYTES_MAX
  if (kafka === undefined) return { kind: 'files', recordBytesMax, topicsDir: settings.TOPICS_DIR }
  const isSecured = settings.KAFKA_SECURITY_PROTOCOL !== 'PLAINTEXT'
  return { kind: 'kafka', recordBytesMax, address: kafka, isolation: settings.KAFKA_ISOLATION_LEVEL, isSecured }
}

/** A unit thread's own source, which reads where it is given memory for it. */
export function openThreadSource(
  plan: ThreadSourcePlan,
  reading: { readonly landing: Landing; readonly collectorOf: CollectorOf },
  deps: { readonly security: () => Promise<ConnectionSecurity>; readonly clock: Clock; readonly random: Random },
): Source {
  const { recordBytesMax } = plan
  if (plan.kind === 'files') return new FilesSource({ topicsDir: plan.topicsDir, recordBytesMax })
  const { security, clock, random } = deps
  return new KafkaSource({
    ...plan.address,
    ...(plan.isSecured ? { security } : {}),
    isolation: plan.isolation,
    ...{ clock, random, recordBytesMax, fetchBytesMax, slabBytesMax },
    ...reading,
  })
}

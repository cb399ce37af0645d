import type { Deployment } from './deployment.ts'
import { silt } from './silt-process.ts'
import { waitFor } from './wait-for.ts'

/** What `silt partition status --json` says of one partition. */
interface PartitionStatus {
  readonly partition: number
  readonly topicId: string
  readonly kind: 'ok' | 'unseen' | 'stopped'
  readonly code: string | undefined
  /** Next offset to be committed; undefined where it has none yet. */
  readonly next: number | undefined
  readonly readableEnd: number
}

interface StatusLine {
  readonly topicPartition: { readonly partition: number; readonly topicId: string }
  readonly ends: { readonly readableEnd: number }
  readonly assessment: {
    readonly kind: PartitionStatus['kind']
    readonly code?: string
    readonly progress?: { readonly next: number }
  }
}

/** Exit code of `silt partition status`, and what it says; no partitions while there is no table. */
export async function partitionStatus(
  target: Deployment,
): Promise<{ readonly code: number; readonly partitions: readonly PartitionStatus[] }> {
  const { code, stdout } = await silt(['partition', 'status', '--json'], target.environment)
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
  const partitions = lines.map((line): PartitionStatus => {
    const { topicPartition, ends, assessment } = JSON.parse(line) as StatusLine
    const { kind, code: stopCode, progress } = assessment
    return { ...topicPartition, kind, code: stopCode, next: progress?.next, readableEnd: ends.readableEnd }
  })
  return { code, partitions }
}

/** Every partition of the topic is committed up to the end it has now. */
export async function settled(target: Deployment, deadlineMs = 120_000): Promise<void> {
  let wanted: ReadonlyMap<number, number> | undefined
  await waitFor(
    `${target.topic} to be committed up to its end`,
    async () => {
      const { partitions } = await partitionStatus(target)
      if (partitions.length === 0) return undefined
      wanted ??= new Map(partitions.map(({ partition, readableEnd }) => [partition, readableEnd]))
      return partitions.every((each) => (each.next ?? -1) >= (wanted?.get(each.partition) ?? 0)) || undefined
    },
    deadlineMs,
    300,
  )
}

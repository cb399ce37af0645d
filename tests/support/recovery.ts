import { waitFor } from './wait-for.ts'
import type { TableWatch } from './table-watch.ts'
import { withAdmin } from './topics.ts'

const producedAfterMs = 400
const givenUpMs = 60_000

/**
 * For each partition, ms from `fromMs` (wall) to the first version that holds a record produced after it, by the records' own timestamps.
 * Throws once a partition has stood still for a minute.
 */
export async function flowAgainMs(
  bootstrapServers: string,
  topic: string,
  watch: TableWatch,
  fromMs: number,
): Promise<readonly number[]> {
  await new Promise((resolve) => setTimeout(resolve, producedAfterMs))
  const offsets = await withAdmin(bootstrapServers, (admin) => admin.fetchTopicOffsetsByTimestamp(topic, fromMs))
  return Promise.all(
    offsets.map(({ partition, offset }) =>
      waitFor(
        `a record of partition ${partition} from offset ${offset} on`,
        () => {
          const atMs = watch.committedAtMs(partition, Number(offset))
          return atMs === undefined ? undefined : atMs - fromMs
        },
        givenUpMs,
        50,
      ),
    ),
  )
}

/** Middle and end of a list of milliseconds, as seconds for people. */
export function spread(times: readonly number[]): { readonly median: number; readonly worst: number } {
  const sorted = [...times].sort((a, b) => a - b)
  return { median: sorted[Math.floor((sorted.length - 1) / 2)] ?? 0, worst: sorted.at(-1) ?? 0 }
}

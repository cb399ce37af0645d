import type { JobQueue, Metrics } from '@silt/core'
import type { TableQueues } from './open-queues.ts'

/** Shows how many jobs are in the table's two queues, over the job versions: one question a queue. Throws while the queue server is away. */
export async function showQueueDepths(
  queues: Pick<TableQueues, 'write' | 'commit'>,
  metrics: Metrics,
  table: string,
): Promise<void> {
  for (const queue of ['write', 'commit'] as const) {
    const found = await depthOf(queues[queue])
    for (const [state, count] of Object.entries(found)) metrics.gauge('silt_queue_jobs', { table, queue, state }, count)
  }
}

/** `waiting` can be taken now, `delayed` was put back and waits its back-off, `active` is in a process's hands. */
async function depthOf(versions: readonly JobQueue[]): Promise<Record<'waiting' | 'delayed' | 'active', number>> {
  const sum = { waiting: 0, delayed: 0, active: 0 }
  for (const { waiting, delayed, active } of await Promise.all(versions.map((queue) => queue.depth()))) {
    sum.waiting += waiting - delayed
    sum.delayed += delayed
    sum.active += active
  }
  return sum
}

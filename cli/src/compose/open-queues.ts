import type { Settings } from '@silt/config'
import { jobVersion, leaseName, queueName } from '@silt/contracts'
import type { Clock, JobQueue, Lease, Log, QueueProvider } from '@silt/core'
import { BullmqQueueProvider, MemoryQueueProvider } from '@silt/queue'

/** The queues of one table: newest job version first, older ones are read too. */
export interface TableQueues {
  readonly write: readonly JobQueue[]
  readonly commit: readonly JobQueue[]
  readonly lease: Lease
  close(): Promise<void>
}

/** BullMQ where REDIS_URL says so, else queues in this process. */
export function openQueues(
  settings: Settings,
  table: string,
  deps: { readonly clock: Clock; readonly log: Log },
): TableQueues {
  const provider = openProvider(settings, { clock: deps.clock, log: deps.log.child({ table }) })
  const versions = Array.from({ length: jobVersion }, (_, index) => jobVersion - index)
  return {
    write: versions.map((version) => provider.open(queueName(table, 'write', version))),
    commit: versions.map((version) => provider.open(queueName(table, 'commit', version))),
    lease: provider.lease(leaseName(table)),
    close: () => provider.close(),
  }
}

function openProvider(settings: Settings, { clock, log }: { readonly clock: Clock; readonly log: Log }): QueueProvider {
  if (settings.REDIS_URL === undefined) return new MemoryQueueProvider({ clock })
  const provider = new BullmqQueueProvider({
    redisUrl: settings.REDIS_URL,
    clock,
    onError: (error) => log.warn({ error }, 'the connection to Redis is disturbed'),
  })
  void warnOfEviction(provider, log)
  return provider
}

/** A Redis that may evict single keys can stall a queue without any error; one that is away is told of by whoever needs it. */
async function warnOfEviction(provider: BullmqQueueProvider, log: Log): Promise<void> {
  const fault = await provider.check().catch(() => undefined)
  if (fault !== undefined) log.warn({ code: fault.code, kind: fault.kind, error: fault }, fault.message)
}

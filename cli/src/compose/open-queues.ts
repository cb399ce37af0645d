import type { Settings } from '@silt/config'
import { jobVersion, leaseName, queueName } from '@silt/contracts'
import type { JobQueue, Lease, Log, QueueProvider, SiltError } from '@silt/core'
import { MemoryQueueProvider } from '@silt/queue'
import { redisIdentity, type IdentityDeps } from './identities.ts'

/** The queues of one table: newest job version first, older ones are read too. */
export interface TableQueues {
  readonly write: readonly JobQueue[]
  readonly commit: readonly JobQueue[]
  readonly lease: Lease
  /** Of queues between processes: throws while their server is away; a value is what is wrong with how it is set up. */
  readonly check?: () => Promise<SiltError | undefined>
  close(): Promise<void>
}

/** BullMQ where REDIS_URL says so, which is loaded then, else queues in this process. */
export async function openQueues(
  settings: Settings,
  table: string,
  deps: IdentityDeps & { readonly log: Log },
): Promise<TableQueues> {
  const { provider, check } = await openProvider(settings, { ...deps, log: deps.log.child({ table }) })
  const versions = Array.from({ length: jobVersion }, (_, index) => jobVersion - index)
  return {
    write: versions.map((version) => provider.open(queueName(table, 'write', version))),
    commit: versions.map((version) => provider.open(queueName(table, 'commit', version))),
    lease: provider.lease(leaseName(table)),
    ...(check === undefined ? {} : { check }),
    close: () => provider.close(),
  }
}

interface OpenProvider {
  readonly provider: QueueProvider
  readonly check?: () => Promise<SiltError | undefined>
}

async function openProvider(settings: Settings, deps: IdentityDeps & { readonly log: Log }): Promise<OpenProvider> {
  const { clock, log } = deps
  if (settings.REDIS_URL === undefined) return { provider: new MemoryQueueProvider({ clock }) }
  const { BullmqQueueProvider } = await import('@silt/queue/redis')
  const provider = new BullmqQueueProvider({
    redisUrl: settings.REDIS_URL,
    identity: redisIdentity(settings, deps),
    clock,
    onError: (error) => log.warn({ error }, 'the connection to Redis is disturbed'),
  })
  return { provider, check: () => provider.check() }
}

import { systemClock } from '@silt/core'
import { BullmqQueueProvider } from '../../src/bullmq/index.ts'

// Takes jobs of the named queue, says so, and never finishes one. Run as a process of its own, to be killed.
const [redisUrl = '', name = ''] = process.argv.slice(2)
const report = (error: unknown): void => console.error(error)
const provider = new BullmqQueueProvider({ redisUrl, clock: systemClock, onError: report })
const take = (job: { readonly id: string }): Promise<never> => {
  console.log(`took ${job.id}`)
  return new Promise(() => undefined)
}
provider.open(name).consume(take, { concurrency: 10, onError: report })

import { expect, test } from 'vitest'
import { drawsFor } from '../draws.ts'
import { JobWatch } from '../job-watch.ts'
import { SimProcess, type CallPlan } from '../process.ts'
import { Scheduler } from '../scheduler.ts'
import { Tally } from '../tally.ts'
import { ServerQueue } from './redis.ts'
import { SimQueue } from './sim-queue.ts'

test('a job given to nobody while the only request for it failed is given to the consumer once that asks again', async () => {
  const scheduler = new Scheduler()
  const chances = { resultLost: 0, resultTwice: 0, outOfOrder: 0 }
  const surroundings = { scheduler, chances, watch: new JobWatch(new Map()), tally: new Tally() }
  const server = new ServerQueue('queue', drawsFor(1), surroundings)
  let takes = 0
  const plan = ({ operation }: { readonly operation: string }): CallPlan => ({
    fate: operation === 'queue.take' && takes++ === 0 ? 'refused' : 'fine',
    thereMs: 1,
    backMs: 100,
  })
  const identity = { kind: 'committer', number: 1, life: 1 } as const
  const process = new SimProcess({ scheduler, seed: 1, plan, watch: () => undefined }, identity, 0)
  const handled: string[] = []
  new SimQueue(process, server).consume(
    ({ id }) => {
      handled.push(id)
      return Promise.resolve(null)
    },
    { concurrency: 1, onError: () => undefined },
  )
  server.add('job', '{}')
  // Its consumer has no room yet: the request that failed has not come back.
  scheduler.after(50, () => server.deliverAgain(() => true))
  await scheduler.run(() => false, 1000)
  expect(handled).toEqual(['job'])
})

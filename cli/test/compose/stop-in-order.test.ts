import { systemClock } from '@silt/core'
import { silentLog } from '@silt/core/testing'
import { expect, test } from 'vitest'
import type { ActorName } from '../../src/compose/process-parts.ts'
import { stopInOrder, type RunningActor } from '../../src/compose/stop-in-order.ts'

const deps = { clock: systemClock, log: silentLog }

function actor(name: ActorName, ended: string[], hangs = false): [ActorName, RunningActor] {
  const stop = new AbortController()
  const run = new Promise<void>((resolve) => {
    stop.signal.addEventListener('abort', () => {
      ended.push(name)
      if (!hangs) resolve()
    })
  })
  return [name, { stop, run }]
}

test('stops what plans first and what commits last', async () => {
  const ended: string[] = []
  const actors = new Map([actor('committer', ended), actor('writer', ended), actor('ingestor', ended)])
  await stopInOrder(actors, 5000, () => Promise.reject(new Error('in time')), deps)
  expect(ended).toEqual(['ingestor', 'writer', 'committer'])
})

test('leaves what hangs past the one deadline of all, after telling everyone to stop', async () => {
  const ended: string[] = []
  const actors = new Map([actor('ingestor', ended), actor('writer', ended, true), actor('committer', ended)])
  const beganMs = performance.now()
  await stopInOrder(actors, 100, () => Promise.resolve(void ended.push('let go')), deps)
  expect(ended).toEqual(['ingestor', 'writer', 'committer', 'let go'])
  expect(performance.now() - beganMs).toBeLessThan(20_000)
})

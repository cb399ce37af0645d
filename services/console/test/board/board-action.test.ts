import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { boardAction } from '../../src/board/board-action.ts'
import { queueTitle } from '../../src/board/queue-title.ts'

interface Route {
  readonly method: string | readonly string[]
  readonly route: string | readonly string[]
}

const require = createRequire(import.meta.url)
const { appRoutes } = require('@bull-board/api/dist/routes.js') as { appRoutes: { api: readonly Route[] } }

/** What an operator may do; every other route of Bull Board that changes something is offered to nobody. */
const offered: Readonly<Record<string, string>> = {
  'put /queues/pause': 'pause-all',
  'put /queues/resume': 'resume-all',
  'put /queues/:queueName/retry/:queueStatus': 'retry-all-:queueStatus',
  'put /queues/:queueName/promote': 'promote',
  'put /queues/:queueName/clean/:queueStatus': 'clean-all-:queueStatus',
  'put /queues/:queueName/pause': 'pause',
  'put /queues/:queueName/resume': 'resume',
  'put /queues/:queueName/empty': 'empty',
  'put /queues/:queueName/:jobId/retry': 'retry',
  'put /queues/:queueName/:jobId/clean': 'clean',
  'put /queues/:queueName/:jobId/promote': 'promote',
}

test('each route of the installed Bull Board is looked at, acted by or not offered as listed here', () => {
  const found: Record<string, string> = {}
  for (const { method, route } of appRoutes.api)
    for (const path of [route].flat())
      for (const verb of [method].flat()) {
        const below = path.replace(/^\/api/, '')
        const judged = boardAction(verb.toUpperCase(), below)
        if (verb === 'get') expect(judged).toEqual({ kind: 'look' })
        else if (judged.kind === 'act') found[`${verb} ${below}`] = judged.action
        else expect(judged, `${verb} ${below}`).toEqual({ kind: 'not-offered' })
      }
  expect(found).toEqual(offered)
})

test('queue and job are read from the path', () => {
  const queue = 'analytics-events: write jobs v1'
  expect(boardAction('PUT', `/queues/${encodeURIComponent(queue)}/uabc/retry`)).toEqual({
    kind: 'act',
    action: 'retry',
    queue,
    job: 'uabc',
  })
  for (const method of ['POST', 'DELETE', 'PATCH', 'PROPFIND'])
    expect(boardAction(method, '/queues/x/pause')).toEqual({ kind: 'not-offered' })
  expect(boardAction('PUT', '/queues/%zz/pause')).toMatchObject({ queue: '%zz' })
})

test('queues are named plainly', () => {
  expect(queueTitle('silt-analytics-events-write-v1').title).toBe('analytics-events: write jobs v1')
  expect(queueTitle('silt-my-commit-v2-commit-v12').title).toBe('my-commit-v2: commit jobs v12')
  expect(queueTitle('other').title).toBe('other')
})

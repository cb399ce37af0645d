import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { HonoAdapter } from '@bull-board/hono'
import { serveStatic } from '@hono/node-server/serve-static'
import type { Queue } from 'bullmq'
import { Hono } from 'hono'
import type { Role } from '../visitor.ts'
import { queueTitle } from './queue-title.ts'

/** Where the queues are known: `QueueListing` of `@silt/queue`. */
export interface Listing {
  names(): Promise<readonly string[]>
  queue(name: string): Queue
}

export const boardPath = '/queues'
const pollSeconds = 2

/** One Bull Board for each role, of the same queues: a reader's offers no action, and has none. */
export class QueueBoards {
  readonly #listing: Listing
  readonly #boards: Readonly<Record<Role, Board>>
  #shown = ''

  constructor(listing: Listing) {
    this.#listing = listing
    this.#boards = { reader: createBoard('reader'), operator: createBoard('operator') }
  }

  /** Shows the queues there are now, and answers how many. Errors: those of the listing. */
  async refresh(): Promise<number> {
    const names = await this.#listing.names()
    const shown = names.join()
    if (shown !== this.#shown)
      for (const [role, board] of Object.entries(this.#boards))
        board.replaceQueues(names.map((name) => adapterOf(this.#listing.queue(name), role === 'reader')))
    this.#shown = shown
    return names.length
  }

  async fetch(request: Request, role: Role): Promise<Response> {
    return this.#boards[role].app.fetch(request)
  }
}

interface Board {
  readonly app: Hono
  readonly replaceQueues: (queues: BullMQAdapter[]) => void
}

function createBoard(role: Role): Board {
  const serverAdapter = new HonoAdapter(serveStatic).setBasePath(boardPath)
  const { replaceQueues } = createBullBoard({
    queues: [],
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'Silt queues',
        hideDocsLink: true,
        sortQueues: true,
        pollingInterval: { showSetting: true, forceInterval: pollSeconds },
        environment:
          role === 'reader'
            ? { label: 'looking only', color: '#1d6f72', textColor: '#ffffff' }
            : { label: 'may retry, remove and pause', color: '#b3402e', textColor: '#ffffff' },
        miscLinks: [
          { text: 'What this shows', url: '/about' },
          { text: 'Log out', url: '/logout' },
        ],
      },
    },
  })
  const app = new Hono()
  app.route(boardPath, serverAdapter.registerPlugin())
  return { app, replaceQueues }
}

function adapterOf(queue: Queue, readOnlyMode: boolean): BullMQAdapter {
  const { title, description } = queueTitle(queue.name)
  return new TitledQueue(queue, title, { readOnlyMode, displayName: title, description })
}

/** The page's menu and addresses show the name by which it knows a queue: the plain one. */
class TitledQueue extends BullMQAdapter {
  readonly #title: string

  constructor(queue: Queue, title: string, options: ConstructorParameters<typeof BullMQAdapter>[1]) {
    super(queue, options)
    this.#title = title
  }

  override getName(): string {
    return this.#title
  }
}

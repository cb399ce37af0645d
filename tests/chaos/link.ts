import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/**
 * What a link does to its connections, those open and those to come.
 * - `pass`: nothing. `cut`: they end at once.
 * - `delay`: bytes come late by so many ms, both ways.
 * - `swallow`: what the client says arrives, what the server answers does not.
 */
export type LinkMode =
  { readonly kind: 'pass' | 'cut' | 'swallow' } | { readonly kind: 'delay'; readonly delayMs: number }

/** A TCP proxy between one process and one server of this machine. Its port stays the same for its life. */
export class Link {
  readonly port: number
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  #mode: LinkMode = { kind: 'pass' }

  private constructor(server: Server, target: number) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (near) => {
      if (this.#mode.kind === 'cut') {
        near.on('error', () => undefined)
        near.resetAndDestroy()
        return
      }
      const pair = new Pair(near, connect(target, '127.0.0.1'), () => this.#mode)
      this.#pairs.add(pair)
      void pair.ended.then(() => this.#pairs.delete(pair))
    })
  }

  static async before(target: number): Promise<Link> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Link(server, target)
  }

  get mode(): LinkMode {
    return this.#mode
  }

  /** A connection of which an answer was swallowed ends with the mode that swallowed it: what would follow is out of step. */
  set mode(mode: LinkMode) {
    this.#mode = mode
    for (const pair of this.#pairs) if (mode.kind === 'cut' || (pair.hasLost && mode.kind !== 'swallow')) pair.end()
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) pair.end()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** One client's connection and the one made to the server for it. */
class Pair {
  /** Whether an answer was swallowed. */
  hasLost = false
  readonly ended: Promise<void>
  readonly #near: Socket
  readonly #far: Socket

  constructor(near: Socket, far: Socket, modeNow: () => LinkMode) {
    this.#near = near
    this.#far = far
    const towardsServer = new Lane(far, modeNow)
    const towardsClient = new Lane(near, modeNow)
    near.on('data', (bytes: Buffer) => towardsServer.carry(bytes))
    far.on('data', (bytes: Buffer) => {
      if (modeNow().kind === 'swallow') this.hasLost = true
      else if (!this.hasLost) towardsClient.carry(bytes)
    })
    for (const socket of [near, far]) socket.setNoDelay(true).on('error', () => this.end())
    near.on('close', () => far.end())
    far.on('close', () => near.end())
    this.ended = Promise.all([once(near, 'close'), once(far, 'close')]).then(
      () => undefined,
      () => undefined,
    )
  }

  end(): void {
    this.#near.destroy()
    this.#far.destroy()
  }
}

/** One direction of a connection: bytes come in order, each as late as it was to be when it was sent. */
class Lane {
  readonly #to: Socket
  readonly #modeNow: () => LinkMode
  readonly #held: { readonly bytes: Buffer; readonly dueMs: number }[] = []

  constructor(to: Socket, modeNow: () => LinkMode) {
    this.#to = to
    this.#modeNow = modeNow
  }

  carry(bytes: Buffer): void {
    const mode = this.#modeNow()
    if (this.#held.length === 0 && mode.kind !== 'delay') {
      this.#to.write(bytes)
      return
    }
    this.#held.push({ bytes, dueMs: performance.now() + (mode.kind === 'delay' ? mode.delayMs : 0) })
    if (this.#held.length === 1) this.#wait()
  }

  #wait(): void {
    const first = this.#held[0]
    if (first === undefined) return
    setTimeout(() => {
      this.#held.shift()
      if (!this.#to.destroyed) this.#to.write(first.bytes)
      this.#wait()
    }, first.dueMs - performance.now())
  }
}

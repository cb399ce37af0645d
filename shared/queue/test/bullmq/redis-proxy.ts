import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP proxy before a Redis that can be away (refuses) or silent (accepts, answers nothing). */
export class RedisProxy {
  readonly url: string
  readonly #target: URL
  readonly #port: number
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #silent = false

  private constructor(target: URL, server: Server, port: number) {
    this.#target = target
    this.#server = server
    this.#port = port
    const url = new URL(target.href)
    url.hostname = '127.0.0.1'
    url.port = String(port)
    this.url = url.href
    this.#accept(server)
  }

  static async open(targetUrl: string): Promise<RedisProxy> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
    return new RedisProxy(new URL(targetUrl), server, address.port)
  }

  /** Connections break and new ones are refused. */
  async cut(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    this.drop()
    if (server === undefined) return
    server.close()
    await once(server, 'close')
  }

  async restore(): Promise<void> {
    if (this.#server !== undefined) return
    const server = createServer()
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    this.#server = server
    this.#accept(server)
  }

  /** Every connection breaks; new ones are served. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
  }

  /** Open connections stay open and no byte passes any more, as when a host vanishes. */
  setSilent(silent: boolean): void {
    this.#silent = silent
  }

  #accept(server: Server): void {
    server.on('connection', (near) => {
      const far = connect(Number(this.#target.port || 6379), this.#target.hostname)
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from)
        from.on('data', (bytes) => this.#silent || to.write(bytes))
        from.on('error', () => to.destroy())
        from.on('close', () => {
          this.#sockets.delete(from)
          to.destroy()
        })
      }
    })
  }
}

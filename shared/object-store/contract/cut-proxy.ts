import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/**
 * What the proxy does to the traffic that follows.
 * - `pass`: nothing.
 * - `cut-request`: the connection ends when the client begins to send; the server hears nothing.
 * - `cut-answer`: the server hears all, the connection ends when it begins to answer.
 * - `hold-answer`: the server hears all, its answer is kept back.
 * - `hold-request`: what the client sends is kept back until `release`.
 * - `cut-sent`: the connection ends after so many bytes of a request.
 * - `cut-body` / `stall-body`: after so many bytes of the answer the connection ends, or nothing more comes.
 *
 * `only`: with requests whose first line it matches; the others pass.
 */
export type Mischief = { readonly only?: RegExp } & (
  | { readonly kind: 'pass' | 'cut-request' | 'cut-answer' | 'hold-answer' | 'hold-request' }
  | { readonly kind: 'cut-sent' | 'cut-body' | 'stall-body'; readonly afterBytes: number }
)

const pass: Mischief = { kind: 'pass' }

/** A TCP proxy before an HTTP server on this machine, that loses requests and answers on demand. For tests. */
export class CutProxy {
  mischief: Mischief = pass
  /** Requests seen from clients, by method. */
  readonly requests = new Map<string, number>()
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #held: (() => void)[] = []

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#server = createServer((client) => {
      this.#join(client, connect(target))
    })
  }

  static async before(endpoint: string): Promise<CutProxy> {
    const { hostname, port } = new URL(endpoint)
    const proxy = new CutProxy({ host: hostname, port: Number(port) })
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Sends on what `hold-request` kept back. */
  release(): void {
    this.mischief = pass
    for (const send of this.#held.splice(0)) send()
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(client: Socket, server: Socket): void {
    let sentBytes = 0
    let answeredBytes = 0
    let isHeld = false
    let requestLine = ''
    const mischief = (): Mischief => (this.mischief.only?.test(requestLine) === false ? pass : this.mischief)
    const end = (): void => {
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    }
    server.on('error', end)
    // A reset by a client that gave up must not take along what is held back for the server.
    client.on('error', () => client.destroy())
    server.on('close', end)
    // A client that gave up does not call back what is held: the server may still hear it, and would drop it were the connection to end just then.
    client.on('close', () => {
      if (!isHeld) server.end()
    })
    client.on('data', (bytes: Buffer) => {
      const method = /^(GET|PUT|POST|HEAD|DELETE) /.exec(bytes.subarray(0, 8).toString('latin1'))?.[1]
      if (method !== undefined) {
        this.requests.set(method, (this.requests.get(method) ?? 0) + 1)
        requestLine = bytes.subarray(0, 1_000).toString('latin1').split('\r\n', 1)[0] ?? ''
        sentBytes = 0
      }
      answeredBytes = 0
      sentBytes += bytes.length
      const now = mischief()
      if (now.kind === 'cut-request' || (now.kind === 'cut-sent' && sentBytes > now.afterBytes)) end()
      else if (now.kind === 'hold-request') {
        isHeld = true
        this.#held.push(() => server.write(bytes))
      } else server.write(bytes)
    })
    server.on('data', (bytes: Buffer) => {
      const now = mischief()
      switch (now.kind) {
        case 'cut-answer':
          end()
          return
        case 'hold-answer':
          return
        case 'cut-body':
        case 'stall-body': {
          const left = Math.max(0, now.afterBytes - answeredBytes)
          answeredBytes += bytes.length
          if (bytes.length <= left) client.write(bytes)
          else if (now.kind === 'stall-body') client.write(bytes.subarray(0, left))
          else client.write(bytes.subarray(0, left), end)
          return
        }
        default:
          client.write(bytes)
      }
    })
  }
}

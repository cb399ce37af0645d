import { Agent, createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const dataFile = /\/part-[^/?]*\.parquet(\?|$)/

/**
 * An HTTP proxy before an S3 store that holds back each PUT of a data file; everything else, the log's PUTs too, goes through at once. What is
 * signed is passed on as it came, the host's name with it.
 */
export class SlowPuts {
  /** How long a PUT is held back, from now on. */
  putDelayMs: number
  /** PUTs of data files so far. */
  held = 0
  readonly #upstream: URL
  readonly #agent = new Agent({ keepAlive: true })
  readonly #server: Server

  private constructor(endpoint: string, putDelayMs: number) {
    this.#upstream = new URL(endpoint)
    this.putDelayMs = putDelayMs
    this.#server = createServer((incoming, answer) => void this.#pass(incoming, answer))
  }

  static async open(endpoint: string, putDelayMs: number): Promise<SlowPuts> {
    const proxy = new SlowPuts(endpoint, putDelayMs)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    this.#agent.destroy()
    await once(this.#server, 'close')
  }

  async #pass(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method, url = '/', rawHeaders } = incoming
    if (method === 'PUT' && dataFile.test(url)) {
      this.held++
      await delay(this.putDelayMs)
    }
    const { hostname, port } = this.#upstream
    const outgoing = request({ agent: this.#agent, hostname, port, method, path: url, headers: rawHeaders })
    outgoing.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.rawHeaders)
      response.pipe(answer)
    })
    outgoing.on('error', () => answer.destroy())
    answer.on('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
  }
}

import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '@silt/core'
import type { S3Settings } from '../src/s3-connection.ts'
import { S3Store, type S3StoreOptions } from '../src/s3-store.ts'

export interface ScriptedAnswer {
  readonly status: number
  readonly code?: string
  readonly body?: string
  /** The connection ends instead. */
  readonly isLost?: boolean
  readonly headers?: Readonly<Record<string, string>>
}

/** An HTTP server that says what the test tells it, to reach answers that a healthy store never gives. */
export class ScriptedS3 {
  readonly requests: { readonly method: string; readonly url: string; readonly headers: IncomingMessage['headers'] }[] =
    []
  answer: (request: IncomingMessage, index: number) => ScriptedAnswer | Promise<ScriptedAnswer> = () => ({
    status: 200,
  })
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => {
      const { method = '', url = '', headers } = request
      const index = this.requests.push({ method, url, headers }) - 1
      const respond = ({ status, code, body, isLost, headers: extra }: ScriptedAnswer): void => {
        if (isLost === true) request.socket.destroy()
        response.writeHead(status, { connection: 'close', ...extra })
        response.end(code === undefined ? body : errorXml(code))
      }
      request.resume().on('end', () => {
        void Promise.resolve(this.answer(request, index)).then(respond)
      })
    })
  }

  static async start(): Promise<ScriptedS3> {
    const scripted = new ScriptedS3()
    await new Promise<void>((resolve) => scripted.#server.listen(0, '127.0.0.1', resolve))
    return scripted
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  store(overrides: Partial<S3Settings> = {}, options: Partial<S3StoreOptions> = {}): S3Store {
    const credentials = { accessKeyId: 'AKID', secretAccessKey: 'hush-hush' }
    const settings = { endpoint: this.endpoint, region: 'us-east-1', credentials, allowHttp: true, ...overrides }
    return new S3Store({ location: 's3://bucket/table/', settings, clock: systemClock, ...options })
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

export function listXml(keys: readonly string[], options: { truncated?: boolean; encoding?: string } = {}): string {
  const contents = keys.map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`).join('')
  const encoding = options.encoding === undefined ? '' : `<EncodingType>${options.encoding}</EncodingType>`
  return `<ListBucketResult>${encoding}<IsTruncated>${options.truncated === true}</IsTruncated>${contents}</ListBucketResult>`
}

function errorXml(code: string): string {
  return `<?xml version="1.0"?><Error><Code>${code}</Code><Message>because</Message></Error>`
}

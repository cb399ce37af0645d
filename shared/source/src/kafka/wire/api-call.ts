import type { WireReader } from './wire-reader.ts'
import type { WireWriter } from './wire-writer.ts'

/** One kind of request Silt sends: which versions it speaks, how the body is written, how the answer is read. */
export interface ApiCall<Request, Response> {
  readonly name: string
  readonly key: number
  readonly versionMin: number
  readonly versionMax: number
  /**
   * Flexible calls have tagged fields: request header 2, response header 1. The two that open a connection differ:
   * ApiVersions' answer has header 0, SaslHandshake is not flexible at all.
   */
  readonly headers: 'flexible' | 'flexible-request' | 'plain'
  write(writer: WireWriter, request: Request, version: number): void
  read(reader: WireReader, version: number): Response
}

/** Whatever can make a call: a connection. */
export interface ApiCaller {
  /** Without `version`: the newest both sides speak. */
  call<Request, Response>(api: ApiCall<Request, Response>, request: Request, version?: number): Promise<Response>
}

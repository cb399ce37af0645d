import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { ResponseFramer } from '../../src/kafka/wire/response-framer.ts'
import { encodeTopicId } from '../../src/kafka/wire/topic-id.ts'
import { WireReader } from '../../src/kafka/wire/wire-reader.ts'
import { WireWriter } from '../../src/kafka/wire/wire-writer.ts'
import { pushChunk } from './push-chunk.ts'

const [FETCH, LIST_OFFSETS, METADATA, API_VERSIONS] = [1, 2, 3, 18]

export interface FetchSeen {
  readonly broker: number
  readonly version: number
  readonly offset: number
  readonly bytesMax: number
  readonly leaderEpoch: number
}

export interface FetchAnswer {
  readonly errorCode?: number
  readonly throttleMs?: number
  readonly withoutPartition?: boolean
  readonly records?: Buffer
  readonly readableEnd?: number
  readonly logStart?: number
  /** Sends this many bytes of the answer, then cuts the connection. */
  readonly cutAfterBytes?: number
}

/** What happens to the next Fetch: an answer of its own, no answer, a cut connection, or (undefined) the usual. */
export type FetchScript = (seen: FetchSeen) => FetchAnswer | 'silence' | 'cut' | undefined

/**
 * Brokers that serve one topic of one partition from batches in memory, over real sockets, and fail as told: what a real
 * cluster does rarely and never on demand.
 */
export class FakeCluster {
  readonly topic = 'events'
  topicId: string | null = 'AAAAAAAAQACAAAAAAAAAAQ'
  exists = true
  leader = 0
  /** Further partitions, all without a leader. */
  leaderless = 0
  leaderEpoch = 5
  batches: { readonly base: number; readonly last: number; readonly bytes: Buffer }[] = []
  logStart = 0
  localStart: number | undefined
  readableEnd: number | undefined
  readonly fetches: FetchSeen[] = []
  readonly script: FetchScript[] = []
  metadataAsked = 0
  fetchVersionMax = 16
  listOffsetsVersionMax = 8
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()

  static async start(
    brokers = 1,
    listener: (onSocket: (socket: Socket) => void) => Server = createServer,
  ): Promise<FakeCluster> {
    const cluster = new FakeCluster()
    for (let index = 0; index < brokers; index++) {
      const server = listener((socket) => cluster.#serve(socket, index))
      cluster.#servers.push(server)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    }
    return cluster
  }

  get bootstrapServers(): string[] {
    return this.#servers.map((_, index) => `127.0.0.1:${this.port(index)}`)
  }

  port(broker: number): number {
    return (this.#servers[broker]?.address() as AddressInfo).port
  }

  append(base: number, last: number, bytes: Buffer): void {
    this.batches.push({ base, last, bytes })
  }

  get connections(): number {
    return this.#sockets.size
  }

  cutConnections(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.cutConnections()
    for (const server of this.#servers) await new Promise((resolve) => server.close(resolve))
  }

  get #end(): number {
    return this.readableEnd ?? (this.batches.at(-1)?.last ?? -1) + 1
  }

  #serve(socket: Socket, broker: number): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => undefined)
    const framer = new ResponseFramer(1 << 20)
    socket.on('data', (chunk) =>
      pushChunk(framer, chunk, (request) => this.#answer(socket, broker, new WireReader(request))),
    )
  }

  #answer(socket: Socket, broker: number, reader: WireReader): void {
    const [key, version, correlationId] = [reader.int16(), reader.int16(), reader.int32()]
    reader.raw(reader.int16())
    reader.skipTags()
    const writer = new WireWriter().int32(0).int32(correlationId)
    if (key !== API_VERSIONS) writer.noTags()
    let cutAfterBytes: number | undefined
    if (key === API_VERSIONS) this.#apiVersions(writer)
    else if (key === METADATA) this.#metadata(writer, version)
    else if (key === LIST_OFFSETS) this.#listOffsets(reader, writer)
    else {
      const seen = readFetch(reader, version, broker)
      this.fetches.push(seen)
      const scripted = this.script.shift()?.(seen)
      if (scripted === 'silence') return
      if (scripted === 'cut') return void socket.destroy()
      this.#fetch(writer, version, seen, scripted ?? this.#usual(seen))
      cutAfterBytes = scripted?.cutAfterBytes
    }
    const bytes = Buffer.from(writer.bytes())
    bytes.writeInt32BE(bytes.length - 4, 0)
    if (cutAfterBytes === undefined) return void socket.write(bytes)
    socket.write(bytes.subarray(0, cutAfterBytes), () => socket.destroy())
  }

  #apiVersions(writer: WireWriter): void {
    const served: [number, number][] = [
      [FETCH, this.fetchVersionMax],
      [LIST_OFFSETS, this.listOffsetsVersionMax],
      [METADATA, 12],
      [API_VERSIONS, 3],
    ]
    writer.int16(0)
    writer.compactArray(served, ([key, max]) => writer.int16(key).int16(0).int16(max).noTags())
    writer.int32(0).noTags()
  }

  #metadata(writer: WireWriter, version: number): void {
    this.metadataAsked++
    writer.int32(0)
    writer.compactArray(this.#servers, (server) => {
      const index = this.#servers.indexOf(server)
      writer.int32(index).compactString('127.0.0.1').int32(this.port(index)).compactString(null).noTags()
    })
    writer.compactString('cluster').int32(0)
    writer.compactArray([this.topic], (topic) => {
      writer
        .int16(this.exists ? 0 : 3)
        .compactString(topic)
        .raw(this.#idBytes())
        .bool(false)
      const partitions = Array.from({ length: this.exists ? 1 + this.leaderless : 0 }, (_, index) => index)
      writer.compactArray(partitions, (partition) => {
        const [errorCode, leader] = partition === 0 ? [0, this.leader] : [5, -1]
        writer.int16(errorCode).int32(partition).int32(leader).int32(this.leaderEpoch)
        for (let list = 0; list < 3; list++) writer.compactArray([0], (node) => writer.int32(node))
        writer.noTags()
      })
      writer.int32(0).noTags()
    })
    if (version === 10) writer.int32(0)
    writer.noTags()
  }

  #listOffsets(reader: WireReader, writer: WireWriter): void {
    reader.int32()
    reader.int8()
    const [asked] = reader.compactArray(() => {
      reader.compactString()
      const [timestamp] = reader.compactArray(() => {
        reader.int32()
        reader.int32()
        const value = reader.int64()
        reader.skipTags()
        return value
      })
      reader.skipTags()
      return timestamp
    })
    const offset = asked === -1 ? this.#end : asked === -4 ? (this.localStart ?? this.logStart) : this.logStart
    writer.int32(0)
    writer.compactArray([this.topic], (topic) => {
      writer.compactString(topic)
      writer.compactArray([0], (partition) =>
        writer.int32(partition).int16(0).int64(-1).int64(offset).int32(-1).noTags(),
      )
      writer.noTags()
    })
    writer.noTags()
  }

  #usual({ broker, offset, leaderEpoch, version }: FetchSeen): FetchAnswer {
    if (broker !== this.leader) return { errorCode: 6 }
    if (!this.exists) return { errorCode: version >= 13 ? 100 : 3 }
    if (leaderEpoch !== this.leaderEpoch) return { errorCode: leaderEpoch < this.leaderEpoch ? 74 : 75 }
    if (offset < this.logStart || offset > this.#end) return { errorCode: 1 }
    return {}
  }

  #fetch(writer: WireWriter, version: number, seen: FetchSeen, answer: FetchAnswer): void {
    writer
      .int32(answer.throttleMs ?? 0)
      .int16(0)
      .int32(0)
    const records = answer.records ?? (answer.errorCode ? Buffer.alloc(0) : this.#records(seen))
    writer.compactArray(answer.withoutPartition ? [] : [this.topic], (topic) => {
      if (version < 13) writer.compactString(topic)
      else writer.raw(this.#idBytes())
      writer.compactArray([0], (partition) => {
        const end = answer.readableEnd ?? this.#end
        writer
          .int32(partition)
          .int16(answer.errorCode ?? 0)
          .int64(end)
          .int64(end)
          .int64(answer.logStart ?? this.logStart)
        writer.uvarint(0).int32(-1).compactBytes(records).noTags()
      })
      writer.noTags()
    })
    writer.noTags()
  }

  #records({ offset, bytesMax }: FetchSeen): Buffer {
    const chosen: Buffer[] = []
    let bytes = 0
    for (const batch of this.batches) {
      if (batch.last < offset || (chosen.length > 0 && bytes + batch.bytes.length > bytesMax)) continue
      chosen.push(batch.bytes)
      bytes += batch.bytes.length
    }
    return Buffer.concat(chosen)
  }

  #idBytes(): Buffer {
    return (this.topicId === null ? undefined : encodeTopicId(this.topicId)) ?? Buffer.alloc(16)
  }
}

function readFetch(reader: WireReader, version: number, broker: number): FetchSeen {
  if (version <= 14) reader.int32()
  reader.raw(12)
  reader.raw(9)
  const [seen] = reader.compactArray(() => {
    if (version < 13) reader.compactString()
    else reader.raw(16)
    return reader.compactArray(() => {
      reader.int32()
      const leaderEpoch = reader.int32()
      const offset = reader.int64()
      reader.int32()
      reader.int64()
      const bytesMax = reader.int32()
      reader.skipTags()
      return { broker, version, offset, bytesMax, leaderEpoch }
    })[0] as FetchSeen
  })
  return seen as FetchSeen
}

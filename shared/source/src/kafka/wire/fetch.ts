import type { Isolation } from '../kafka-options.ts'
import type { ApiCall } from './api-call.ts'

/** First version that names the topic by its id: a deleted and re-created topic answers UNKNOWN_TOPIC_ID. */
export const FETCH_BY_ID = 13

export interface FetchRequest {
  readonly topic: string
  /** 16 bytes; used from `FETCH_BY_ID` on. */
  readonly topicId: Uint8Array
  readonly partition: number
  readonly leaderEpoch: number
  readonly offset: number
  readonly isolation: Isolation
  readonly maxWaitMs: number
  /** The broker sends the first batch whole even when it is larger (KIP-74). */
  readonly bytesMax: number
}

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
}

export interface FetchResponse {
  readonly throttleMs: number
  readonly errorCode: number
  /** Undefined when a throttled broker leaves the partition out. */
  readonly partition?: {
    readonly errorCode: number
    readonly highWatermark: number
    readonly lastStableOffset: number
    readonly logStart: number
    readonly aborted: readonly AbortedTransaction[]
    /** Whole record batches, perhaps a cut-off one at the end; a view of the response. */
    readonly records: Buffer
  }
}

/**
 * Fetch v12..v16 of one partition, sessionless (session id 0, epoch -1), as a consumer.
 *
 *     request  => (v12..v14: replica_id) max_wait_ms min_bytes max_bytes isolation_level session_id session_epoch
 *                 [(v12: name | topic_id) [partition current_leader_epoch fetch_offset last_fetched_epoch log_start_offset
 *                   partition_max_bytes TAGS] TAGS] [forgotten] rack_id TAGS
 *     response => throttle_time_ms error_code session_id
 *                 [(name | topic_id) [partition error_code high_watermark last_stable_offset log_start_offset
 *                   [producer_id first_offset TAGS] preferred_read_replica records TAGS] TAGS] TAGS
 */
export const fetchRecords: ApiCall<FetchRequest, FetchResponse> = {
  name: 'Fetch',
  key: 1,
  versionMin: 12,
  versionMax: 16,
  headers: 'flexible',
  write: (writer, request, version) => {
    if (version <= 14) writer.int32(-1)
    writer.int32(request.maxWaitMs).int32(1).int32(request.bytesMax)
    writer.int8(request.isolation === 'read_committed' ? 1 : 0)
    writer.int32(0).int32(-1)
    writer.compactArray([request], ({ topic, topicId, partition, leaderEpoch, offset, bytesMax }) => {
      if (version < FETCH_BY_ID) writer.compactString(topic)
      else writer.raw(topicId)
      writer.compactArray([partition], (index) => {
        writer.int32(index).int32(leaderEpoch).int64(offset).int32(-1).int64(-1).int32(bytesMax).noTags()
      })
      writer.noTags()
    })
    writer.compactArray([], () => undefined)
    writer.compactString('').noTags()
  },
  read: (reader, version) => {
    const throttleMs = reader.int32()
    const errorCode = reader.int16()
    reader.int32()
    const [partition] = reader
      .compactArray(() => {
        if (version < FETCH_BY_ID) reader.compactString()
        else reader.raw(16)
        const partitions = reader.compactArray(() => {
          reader.int32()
          const found = {
            errorCode: reader.int16(),
            highWatermark: reader.int64(),
            lastStableOffset: reader.int64(),
            logStart: reader.int64(),
            aborted: reader.compactArray((): AbortedTransaction => {
              const aborted = { producerId: reader.bigint64(), firstOffset: reader.int64() }
              reader.skipTags()
              return aborted
            }),
          }
          reader.int32()
          const records = reader.compactBytes() ?? Buffer.alloc(0)
          reader.skipTags()
          return { ...found, records }
        })
        reader.skipTags()
        return partitions
      })
      .flat()
    return partition === undefined ? { throttleMs, errorCode } : { throttleMs, errorCode, partition }
  },
}

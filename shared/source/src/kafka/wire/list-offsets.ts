import type { Isolation } from '../kafka-options.ts'
import type { ApiCall } from './api-call.ts'

/** Special timestamps: the readable end, the first offset held, and (v8, tiered storage) the first held on the broker itself. */
export const LATEST = -1
export const EARLIEST = -2
export const EARLIEST_LOCAL = -4

export interface ListOffsetsRequest {
  readonly topic: string
  readonly isolation: Isolation
  readonly timestampMs: number
  readonly partitions: readonly { readonly partition: number; readonly leaderEpoch: number }[]
}

export interface ListedOffset {
  readonly partition: number
  readonly errorCode: number
  /** -1: no record is that young. */
  readonly offset: number
}

/**
 * ListOffsets v6..v8. Under read_committed LATEST is the last stable offset.
 *
 *     request  => replica_id isolation_level [name [partition current_leader_epoch timestamp TAGS] TAGS] TAGS
 *     response => throttle_time_ms [name [partition error_code timestamp offset leader_epoch TAGS] TAGS] TAGS
 */
export const listOffsets: ApiCall<ListOffsetsRequest, readonly ListedOffset[]> = {
  name: 'ListOffsets',
  key: 2,
  versionMin: 6,
  versionMax: 8,
  headers: 'flexible',
  write: (writer, request) => {
    writer.int32(-1).int8(request.isolation === 'read_committed' ? 1 : 0)
    writer.compactArray([request.topic], (topic) => {
      writer.compactString(topic)
      writer.compactArray(request.partitions, ({ partition, leaderEpoch }) => {
        writer.int32(partition).int32(leaderEpoch).int64(request.timestampMs).noTags()
      })
      writer.noTags()
    })
    writer.noTags()
  },
  read: (reader) => {
    reader.int32()
    return reader
      .compactArray(() => {
        reader.compactString()
        const partitions = reader.compactArray((): ListedOffset => {
          const partition = reader.int32()
          const errorCode = reader.int16()
          reader.int64()
          const offset = reader.int64()
          reader.int32()
          reader.skipTags()
          return { partition, errorCode, offset }
        })
        reader.skipTags()
        return partitions
      })
      .flat()
  },
}

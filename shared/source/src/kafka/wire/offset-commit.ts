import type { ApiCall } from './api-call.ts'
import type { GroupMember } from './heartbeat.ts'

export interface OffsetCommitRequest extends GroupMember {
  readonly topic: string
  readonly offsets: ReadonlyMap<number, number>
}

/**
 * OffsetCommit v8 for one topic; refused unless the generation is the group's present one.
 *
 *     request  => group_id generation_id member_id group_instance_id
 *                 [name [partition committed_offset committed_leader_epoch metadata TAGS] TAGS] TAGS
 *     response => throttle_time_ms [name [partition error_code TAGS] TAGS] TAGS
 */
export const offsetCommit: ApiCall<OffsetCommitRequest, { readonly errorCodes: readonly number[] }> = {
  name: 'OffsetCommit',
  key: 8,
  versionMin: 8,
  versionMax: 8,
  headers: 'flexible',
  write: (writer, request) => {
    writer.compactString(request.groupId).int32(request.generation).compactString(request.memberId)
    writer.compactString(request.groupInstanceId)
    writer.compactArray([request.topic], (topic) => {
      writer.compactString(topic)
      writer.compactArray([...request.offsets], ([partition, offset]) => {
        writer.int32(partition).int64(offset).int32(-1).compactString(null).noTags()
      })
      writer.noTags()
    })
    writer.noTags()
  },
  read: (reader) => {
    reader.int32()
    const errorCodes = reader
      .compactArray(() => {
        reader.compactString()
        const codes = reader.compactArray(() => {
          reader.int32()
          const errorCode = reader.int16()
          reader.skipTags()
          return errorCode
        })
        reader.skipTags()
        return codes
      })
      .flat()
    return { errorCodes }
  },
}

import type { ApiCall } from './api-call.ts'

export interface GroupMember {
  readonly groupId: string
  readonly generation: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/**
 * Heartbeat v4.
 *
 *     request  => group_id generation_id member_id group_instance_id TAGS
 *     response => throttle_time_ms error_code TAGS
 */
export const heartbeat: ApiCall<GroupMember, { readonly errorCode: number }> = {
  name: 'Heartbeat',
  key: 12,
  versionMin: 4,
  versionMax: 4,
  headers: 'flexible',
  write: (writer, member) => {
    writer.compactString(member.groupId).int32(member.generation).compactString(member.memberId)
    writer.compactString(member.groupInstanceId).noTags()
  },
  read: (reader) => {
    reader.int32()
    return { errorCode: reader.int16() }
  },
}

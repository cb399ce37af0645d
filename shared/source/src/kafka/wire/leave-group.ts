import type { ApiCall } from './api-call.ts'

/**
 * LeaveGroup v4 of one member: the others take its partitions over at once instead of after its session.
 *
 *     request  => group_id [member_id group_instance_id TAGS] TAGS
 *     response => throttle_time_ms error_code [member_id group_instance_id error_code TAGS] TAGS
 */
export const leaveGroup: ApiCall<
  { readonly groupId: string; readonly memberId: string },
  { readonly errorCode: number }
> = {
  name: 'LeaveGroup',
  key: 13,
  versionMin: 4,
  versionMax: 4,
  headers: 'flexible',
  write: (writer, { groupId, memberId }) => {
    writer.compactString(groupId)
    writer.compactArray([memberId], (member) => writer.compactString(member).compactString(null).noTags())
    writer.noTags()
  },
  read: (reader) => {
    reader.int32()
    return { errorCode: reader.int16() }
  },
}

import type { ApiCall } from './api-call.ts'

export interface SyncGroupRequest {
  readonly groupId: string
  readonly generation: number
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly protocolName: string
  /** Empty from all but the leader. */
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Uint8Array }[]
}

/**
 * SyncGroup v5; answered once the leader has sent the assignments.
 *
 *     request  => group_id generation_id member_id group_instance_id protocol_type protocol_name [member_id assignment TAGS] TAGS
 *     response => throttle_time_ms error_code protocol_type protocol_name assignment TAGS
 */
export const syncGroup: ApiCall<SyncGroupRequest, { readonly errorCode: number; readonly assignment: Buffer }> = {
  name: 'SyncGroup',
  key: 14,
  versionMin: 5,
  versionMax: 5,
  headers: 'flexible',
  write: (writer, request) => {
    writer.compactString(request.groupId).int32(request.generation).compactString(request.memberId)
    writer.compactString(request.groupInstanceId).compactString('consumer').compactString(request.protocolName)
    writer.compactArray(request.assignments, ({ memberId, assignment }) => {
      writer.compactString(memberId).compactBytes(assignment).noTags()
    })
    writer.noTags()
  },
  read: (reader) => {
    reader.int32()
    const errorCode = reader.int16()
    reader.compactNullableString()
    reader.compactNullableString()
    return { errorCode, assignment: reader.compactBytes() ?? Buffer.alloc(0) }
  },
}

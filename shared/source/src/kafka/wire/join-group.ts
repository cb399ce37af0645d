import type { ApiCall } from './api-call.ts'

export interface JoinGroupRequest {
  readonly groupId: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  /** Empty at the first attempt. */
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly protocolName: string
  readonly subscription: Uint8Array
}

export interface JoinGroupResponse {
  readonly errorCode: number
  readonly generation: number
  readonly leader: string
  readonly memberId: string
  /** Only the leader is told. */
  readonly members: readonly { readonly memberId: string; readonly subscription: Buffer }[]
}

/**
 * JoinGroup v7 of the classic group protocol; answered once every member has joined, at the latest after the rebalance timeout.
 *
 *     request  => group_id session_timeout_ms rebalance_timeout_ms member_id group_instance_id protocol_type
 *                 [name metadata TAGS] TAGS
 *     response => throttle_time_ms error_code generation_id protocol_type protocol_name leader member_id
 *                 [member_id group_instance_id metadata TAGS] TAGS
 */
export const joinGroup: ApiCall<JoinGroupRequest, JoinGroupResponse> = {
  name: 'JoinGroup',
  key: 11,
  versionMin: 7,
  versionMax: 7,
  headers: 'flexible',
  write: (writer, request) => {
    writer.compactString(request.groupId).int32(request.sessionTimeoutMs).int32(request.rebalanceTimeoutMs)
    writer.compactString(request.memberId).compactString(request.groupInstanceId).compactString('consumer')
    writer.compactArray([request], ({ protocolName, subscription }) => {
      writer.compactString(protocolName).compactBytes(subscription).noTags()
    })
    writer.noTags()
  },
  read: (reader) => {
    reader.int32()
    const errorCode = reader.int16()
    const generation = reader.int32()
    reader.compactNullableString()
    reader.compactNullableString()
    const leader = reader.compactString()
    const memberId = reader.compactString()
    const members = reader.compactArray(() => {
      const member = reader.compactString()
      reader.compactNullableString()
      const subscription = reader.compactBytes() ?? Buffer.alloc(0)
      reader.skipTags()
      return { memberId: member, subscription }
    })
    return { errorCode, generation, leader, memberId, members }
  },
}

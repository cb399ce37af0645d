import type { ApiCall } from './api-call.ts'

export interface DescribeGroupsResponse {
  readonly errorCode: number
  /** `Dead` where nobody uses the group. */
  readonly state: string
  readonly protocolType: string
  /** The assignor its members agreed on; empty without members. */
  readonly protocol: string
  readonly members: number
  /** Bit n is set where the ACL operation of that number is permitted. */
  readonly rights: number
}

/**
 * DescribeGroups v5 for one group, with what its asker may do. Asking changes nothing about the group.
 *
 *     request  => [group] include_authorized_operations TAGS
 *     response => throttle_time_ms [error_code group_id group_state protocol_type protocol_data
 *                   [member_id group_instance_id client_id client_host member_metadata member_assignment TAGS]
 *                   authorized_operations TAGS] TAGS
 */
export const describeGroups: ApiCall<{ readonly groupId: string }, DescribeGroupsResponse> = {
  name: 'DescribeGroups',
  key: 15,
  versionMin: 5,
  versionMax: 5,
  headers: 'flexible',
  write: (writer, { groupId }) => {
    writer.compactArray([groupId], (group) => void writer.compactString(group))
    writer.bool(true).noTags()
  },
  read: (reader) => {
    reader.int32()
    const [found] = reader.compactArray((): DescribeGroupsResponse => {
      const errorCode = reader.int16()
      reader.compactString()
      const [state, protocolType, protocol] = [reader.compactString(), reader.compactString(), reader.compactString()]
      const members = reader.compactArray(() => {
        reader.compactString()
        reader.compactNullableString()
        reader.compactString()
        reader.compactString()
        reader.compactBytes()
        reader.compactBytes()
        reader.skipTags()
      })
      const rights = reader.int32()
      reader.skipTags()
      return { errorCode, state, protocolType, protocol, members: members.length, rights }
    })
    return found ?? { errorCode: -1, state: '', protocolType: '', protocol: '', members: 0, rights: 0 }
  },
}

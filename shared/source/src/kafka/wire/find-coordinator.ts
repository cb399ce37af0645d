import type { BrokerAddress } from '../kafka-options.ts'
import type { ApiCall } from './api-call.ts'

export interface FindCoordinatorResponse {
  readonly errorCode: number
  readonly address: BrokerAddress
}

/**
 * FindCoordinator v3 for one group.
 *
 *     request  => key key_type TAGS
 *     response => throttle_time_ms error_code error_message node_id host port TAGS
 */
export const findCoordinator: ApiCall<{ readonly groupId: string }, FindCoordinatorResponse> = {
  name: 'FindCoordinator',
  key: 10,
  versionMin: 3,
  versionMax: 3,
  headers: 'flexible',
  write: (writer, { groupId }) => {
    writer.compactString(groupId).int8(0).noTags()
  },
  read: (reader) => {
    reader.int32()
    const errorCode = reader.int16()
    reader.compactNullableString()
    reader.int32()
    return { errorCode, address: { host: reader.compactString(), port: reader.int32() } }
  },
}

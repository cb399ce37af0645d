import type { BrokerAddress } from '../kafka-options.ts'
import type { ApiCall } from './api-call.ts'
import { decodeTopicId } from './topic-id.ts'

export interface PartitionLeader {
  readonly partition: number
  /** Broker id; -1 while there is none. */
  readonly leader: number
  readonly leaderEpoch: number
}

export interface MetadataResponse {
  readonly brokers: ReadonlyMap<number, BrokerAddress>
  readonly topic: {
    readonly errorCode: number
    readonly topicId: string | null
    /** Ascending. */
    readonly partitions: readonly PartitionLeader[]
    /** Bit n is set where the ACL operation of that number is permitted; read only where it was asked for. */
    readonly rights: number
  }
}

/**
 * Metadata v10..v12 for one topic by name, never creating it. v10 (Kafka 2.8) is the first with topic ids.
 *
 *     request  => [topic_id name TAGS] allow_auto_topic_creation (v10: include_cluster_authorized_operations)
 *                 include_topic_authorized_operations TAGS
 *     response => throttle_time_ms [node_id host port rack TAGS] cluster_id controller_id
 *                 [error_code name topic_id is_internal
 *                   [error_code partition leader leader_epoch [replica] [isr] [offline] TAGS] authorized_operations TAGS]
 *                 (v10: cluster_authorized_operations) TAGS
 */
export const metadata: ApiCall<{ readonly topic: string; readonly withRights?: boolean }, MetadataResponse> = {
  name: 'Metadata',
  key: 3,
  versionMin: 10,
  versionMax: 12,
  headers: 'flexible',
  write: (writer, { topic, withRights }, version) => {
    writer.compactArray([topic], (name) => writer.raw(new Uint8Array(16)).compactString(name).noTags())
    writer.bool(false)
    if (version === 10) writer.bool(false)
    writer.bool(withRights === true).noTags()
  },
  read: (reader) => {
    reader.int32()
    const brokers = new Map<number, BrokerAddress>()
    reader.compactArray(() => {
      const node = reader.int32()
      brokers.set(node, { host: reader.compactString(), port: reader.int32() })
      reader.compactNullableString()
      reader.skipTags()
    })
    reader.compactNullableString()
    reader.int32()
    const [topic] = reader.compactArray(() => {
      const errorCode = reader.int16()
      reader.compactNullableString()
      const topicId = decodeTopicId(reader.raw(16))
      reader.bool()
      const partitions = reader.compactArray((): PartitionLeader => {
        reader.int16()
        const found = { partition: reader.int32(), leader: reader.int32(), leaderEpoch: reader.int32() }
        for (let list = 0; list < 3; list++) reader.compactArray(() => reader.int32())
        reader.skipTags()
        return found
      })
      const rights = reader.int32()
      reader.skipTags()
      return { errorCode, topicId, partitions: partitions.sort((a, b) => a.partition - b.partition), rights }
    })
    return { brokers, topic: topic ?? { errorCode: 3, topicId: null, partitions: [], rights: 0 } }
  },
}

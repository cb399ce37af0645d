import type { ApiCall } from './api-call.ts'

const TOPIC_RESOURCE = 2

export interface DescribeConfigsResponse {
  readonly errorCode: number
  /** Values of the keys asked for, as text. */
  readonly values: ReadonlyMap<string, string>
}

/**
 * DescribeConfigs v4 for some keys of one topic.
 *
 *     request  => [resource_type resource_name [key] TAGS] include_synonyms include_documentation TAGS
 *     response => throttle_time_ms [error_code error_message resource_type resource_name
 *                   [name value read_only source is_sensitive [name value source TAGS] type documentation TAGS] TAGS] TAGS
 */
export const describeConfigs: ApiCall<
  { readonly topic: string; readonly keys: readonly string[] },
  DescribeConfigsResponse
> = {
  name: 'DescribeConfigs',
  key: 32,
  versionMin: 4,
  versionMax: 4,
  headers: 'flexible',
  write: (writer, { topic, keys }) => {
    writer.compactArray([topic], (name) => {
      writer.int8(TOPIC_RESOURCE).compactString(name)
      writer.compactArray(keys, (key) => void writer.compactString(key)).noTags()
    })
    writer.bool(false).bool(false).noTags()
  },
  read: (reader) => {
    reader.int32()
    const [found] = reader.compactArray(() => {
      const errorCode = reader.int16()
      reader.compactNullableString()
      reader.int8()
      reader.compactString()
      const entries = reader.compactArray((): readonly [string, string] => {
        const entry = [reader.compactString(), reader.compactString()] as const
        reader.bool()
        reader.int8()
        reader.bool()
        reader.compactArray(() => {
          reader.compactString()
          reader.compactNullableString()
          reader.int8()
          reader.skipTags()
        })
        reader.int8()
        reader.compactNullableString()
        reader.skipTags()
        return entry
      })
      reader.skipTags()
      return { errorCode, values: new Map(entries) }
    })
    return found ?? { errorCode: -1, values: new Map() }
  },
}

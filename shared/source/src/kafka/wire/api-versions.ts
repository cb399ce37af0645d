import type { ApiCall } from './api-call.ts'

export interface ApiVersionsResponse {
  readonly errorCode: number
  /** Lowest and highest version of each API the broker speaks, by API key. */
  readonly versions: ReadonlyMap<number, { readonly min: number; readonly max: number }>
}

/**
 * ApiVersions v3 (KIP-35, KIP-511). Its answer always has response header 0, so that any broker can refuse it readably.
 *
 *     request  => client_software_name client_software_version TAGS
 *     response => error_code [api_key min max TAGS] throttle_time_ms TAGS
 */
export const apiVersions: ApiCall<void, ApiVersionsResponse> = {
  name: 'ApiVersions',
  key: 18,
  versionMin: 3,
  versionMax: 3,
  headers: 'flexible-request',
  write: (writer) => {
    writer.compactString('silt').compactString('1').noTags()
  },
  read: (reader) => {
    const errorCode = reader.int16()
    const versions = new Map<number, { min: number; max: number }>()
    if (errorCode !== 0) return { errorCode, versions }
    reader.compactArray(() => {
      versions.set(reader.int16(), { min: reader.int16(), max: reader.int16() })
      reader.skipTags()
    })
    return { errorCode, versions }
  },
}

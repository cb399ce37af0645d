import { canonicalJson, type Json } from '@silt/core'
import type { Metadata, Protocol } from '../actions/action.ts'
import type { TableState } from '../snapshot/table-state.ts'
import type { FileTally } from './tally.ts'
import type { VersionChecksum } from './version-checksum.ts'

/** What a checksum is compared with: a state, with its tally where the file list or the commits tell it independently. */
export interface ChecksumSubject extends Pick<TableState, 'protocol' | 'metadata' | 'txns' | 'domains' | 'txnTimes'> {
  readonly inCommitTimestampMs?: number | undefined
  readonly tally?: FileTally | undefined
}

/**
 * In what a version checksum differs from what the log amounts to (§ State Validation), one text each; empty where they agree. A `txn` or domain
 * list that is absent says nothing; a `txn` with a time may be missing from either side, since engines expire those. Pure.
 */
export function checksumDifferences(checksum: VersionChecksum, table: ChecksumSubject): readonly string[] {
  const found: string[] = []
  const same = (name: string, said: Json, is: Json): void => {
    if (canonicalJson(said) === canonicalJson(is)) return
    found.push(`${name} is ${shown(said)}, the log amounts to ${shown(is)}`)
  }
  same('numMetadata', checksum.numMetadata, 1)
  same('numProtocol', checksum.numProtocol, 1)
  if (table.tally !== undefined) {
    same('numFiles', checksum.numFiles, table.tally.files)
    same('tableSizeBytes', checksum.tableSizeBytes, table.tally.bytes)
  }
  if (checksum.inCommitTimestampOpt !== undefined && table.inCommitTimestampMs !== undefined)
    same('inCommitTimestampOpt', checksum.inCommitTimestampOpt, table.inCommitTimestampMs)
  if (checksum.protocol !== undefined) same('protocol', plainProtocol(checksum.protocol), plainProtocol(table.protocol))
  if (checksum.metadata !== undefined) same('metadata', plainMetadata(checksum.metadata), plainMetadata(table.metadata))
  if (checksum.domainMetadata !== undefined) {
    const domains = checksum.domainMetadata.filter((each) => !each.removed)
    same('domainMetadata', plainDomains(domains), plainDomains([...table.domains.values()]))
  }
  found.push(...txnDifferences(checksum, table))
  return found
}

function txnDifferences({ setTransactions }: VersionChecksum, { txns, txnTimes }: ChecksumSubject): readonly string[] {
  if (setTransactions === undefined) return []
  const said = new Map(setTransactions.map((each) => [each.appId, each]))
  const found: string[] = []
  for (const [appId, version] of txns)
    if (said.get(appId) === undefined ? !txnTimes?.has(appId) : said.get(appId)?.version !== version)
      found.push(`txn ${appId} is ${said.get(appId)?.version ?? 'missing'}, the log amounts to ${version}`)
  for (const { appId, version, lastUpdated } of setTransactions)
    if (!txns.has(appId) && lastUpdated === undefined) found.push(`txn ${appId} is ${version}, the log holds none`)
  return found
}

// Lists of features are sets; an empty one and none are the same.
export function plainProtocol(protocol: Protocol): Json {
  const { minReaderVersion, minWriterVersion, readerFeatures = [], writerFeatures = [] } = protocol
  return { minReaderVersion, minWriterVersion, reader: [...readerFeatures].sort(), writer: [...writerFeatures].sort() }
}

function plainMetadata({ id, schemaString, partitionColumns, configuration, format }: Metadata): Json {
  return { id, schemaString, partitionColumns, configuration, provider: format.provider }
}

function plainDomains(domains: readonly { readonly domain: string; readonly configuration: string }[]): Json {
  return Object.fromEntries(domains.map(({ domain, configuration }) => [domain, configuration]))
}

const shownCharsMax = 200

function shown(value: Json): string {
  const text = canonicalJson(value)
  return text.length > shownCharsMax ? `${text.slice(0, shownCharsMax)}…` : text
}

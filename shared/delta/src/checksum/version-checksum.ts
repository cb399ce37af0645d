import type { ObjectStore } from '@silt/core'
import type { DomainMetadata, Metadata, Protocol, TxnAction } from '../actions/action.ts'
import { fieldReader, type FieldReader } from '../actions/fields.ts'
import { parseAction } from '../actions/parse-action.ts'
import { brokenLog } from '../errors.ts'
import { checksumKey } from '../log/file-names.ts'
import type { TableState } from '../snapshot/table-state.ts'

/**
 * Delta PROTOCOL § Version Checksum File Schema, as far as it is used; `<version>.crc` holds one as JSON.
 *
 * Files of older engines lack `metadata` and `protocol`. Histograms and `allFiles` are neither written nor looked at.
 */
export interface VersionChecksum {
  /** Token of the commit, where its writer left one. */
  readonly txnId?: string
  readonly tableSizeBytes: number
  readonly numFiles: number
  readonly numMetadata: number
  readonly numProtocol: number
  readonly inCommitTimestampOpt?: number
  readonly setTransactions?: readonly TxnAction[]
  readonly domainMetadata?: readonly DomainMetadata[]
  readonly metadata?: Metadata
  readonly protocol?: Protocol
}

/** Beyond so many the optional lists are left out, as other engines do: a checksum is written with every commit. */
const txnsMax = 100
const domainsMax = 10

/** The checksum of a state; undefined where its tally is not known. */
export function checksumOf(state: TableState, token?: string): VersionChecksum | undefined {
  const { tally, protocol, metadata, txns, domains, inCommitTimestampMs, txnTimes } = state
  if (tally === undefined) return undefined
  const stamped = metadata.configuration['delta.enableInCommitTimestamps']?.toLowerCase() === 'true'
  if (stamped && inCommitTimestampMs === undefined) return undefined
  const txnActions = (): TxnAction[] =>
    [...txns].map(([appId, version]) => {
      const lastUpdated = txnTimes?.get(appId)
      return lastUpdated === undefined ? { appId, version } : { appId, version, lastUpdated }
    })
  return {
    ...(token === undefined ? {} : { txnId: token }),
    tableSizeBytes: tally.bytes,
    numFiles: tally.files,
    numMetadata: 1,
    numProtocol: 1,
    ...(stamped && inCommitTimestampMs !== undefined ? { inCommitTimestampOpt: inCommitTimestampMs } : {}),
    ...(txns.size > txnsMax ? {} : { setTransactions: txnActions() }),
    ...(domains.size > domainsMax ? {} : { domainMetadata: [...domains.values()] }),
    metadata,
    protocol,
  }
}

/**
 * Puts the checksum of `version`, whose commit must have landed; never over one that is there (§ Writer Requirements of version checksums).
 * A lost answer is left at that: the next version has its own. Errors: the store's.
 */
export async function writeChecksum(store: ObjectStore, version: number, checksum: VersionChecksum): Promise<void> {
  await store.putIfAbsent(checksumKey(version), new TextEncoder().encode(`${JSON.stringify(checksum)}\n`))
}

/** The checksum of `version`; undefined where there is none. Throws `delta/broken-log` (data) for one that cannot be read. */
export async function readChecksum(store: ObjectStore, version: number): Promise<VersionChecksum | undefined> {
  const key = checksumKey(version)
  const found = await store.get(key)
  return found.kind === 'missing' ? undefined : parseChecksum(key, found.body)
}

const required = ['tableSizeBytes', 'numFiles', 'numMetadata', 'numProtocol'] as const

function parseChecksum(key: string, body: Uint8Array): VersionChecksum {
  const each = fieldReader(key, 'checksum', parseJson(key, body))
  for (const name of required) each.integer(name)
  if (each.has('txnId')) each.string('txnId')
  if (each.has('inCommitTimestampOpt')) each.integer('inCommitTimestampOpt')
  const txns = actionList<TxnAction>(key, each, 'setTransactions', 'txn')
  const domains = actionList<DomainMetadata>(key, each, 'domainMetadata', 'domainMetadata')
  const [metadata] = actionList<Metadata>(key, each, 'metadata', 'metaData') ?? []
  const [protocol] = actionList<Protocol>(key, each, 'protocol', 'protocol') ?? []
  const { txnId, inCommitTimestampOpt } = each.fields
  return {
    ...(txnId === undefined ? {} : { txnId: each.string('txnId') }),
    tableSizeBytes: each.integer('tableSizeBytes'),
    numFiles: each.integer('numFiles'),
    numMetadata: each.integer('numMetadata'),
    numProtocol: each.integer('numProtocol'),
    ...(inCommitTimestampOpt === undefined ? {} : { inCommitTimestampOpt: each.integer('inCommitTimestampOpt') }),
    ...(txns === undefined ? {} : { setTransactions: txns }),
    ...(domains === undefined ? {} : { domainMetadata: domains }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(protocol === undefined ? {} : { protocol }),
  }
}

function parseJson(key: string, body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (cause) {
    throw brokenLog(key, 'the version checksum is not JSON', cause)
  }
}

/** Member `name`, one action of kind `action` or a list of them, read as in a commit. */
function actionList<T>(key: string, each: FieldReader, name: string, action: string): readonly T[] | undefined {
  const value = each.fields[name]
  if (value === undefined) return undefined
  return (Array.isArray(value) ? (value as readonly unknown[]) : [value]).map((one) => {
    const parsed = parseAction(`${key} ${name}`, { [action]: one }) as Readonly<Record<string, unknown>> | undefined
    if (parsed === undefined) throw brokenLog(key, `${name} holds nothing where a ${action} should be`)
    return parsed[action] as T
  })
}

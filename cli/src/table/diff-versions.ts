import type { DataType, StructType } from '@silt/core'
import { type AddAction, type Snapshot } from '@silt/delta'
import { liveRows, shownPath } from './count-rows.ts'

/** What came, what went, and what was changed between two versions of a table, as `silt table diff` prints it. */
export interface VersionDiff {
  readonly from: number
  readonly to: number
  readonly filesAdded: number
  readonly filesRemoved: number
  /** Files whose deletion vector changed; their rows are counted by how many the vectors leave. */
  readonly filesChanged: number
  /** By statistics; null where a file has none. */
  readonly rowsAdded: number | null
  readonly rowsRemoved: number | null
  readonly columns: readonly Change[]
  readonly properties: readonly Change[]
  readonly protocol: readonly Change[]
  readonly txns: readonly Change[]
  /** The first of each kind, at most `pathsMax`. */
  readonly paths: { readonly added: readonly string[]; readonly removed: readonly string[] }
}

/** `null` before: it came; `null` after: it went. */
export interface Change {
  readonly name: string
  readonly before: string | null
  readonly after: string | null
}

const pathsMax = 1000

export function diffVersions(from: Snapshot, to: Snapshot): VersionDiff {
  const came = sideOf(to.files.values(), from)
  const went = sideOf(from.files.values(), to)
  return {
    from: from.version,
    to: to.version,
    filesAdded: came.files,
    filesRemoved: went.files,
    filesChanged: came.changed,
    rowsAdded: came.rows,
    rowsRemoved: went.rows,
    columns: changes(columnsOf(from.schema), columnsOf(to.schema)),
    properties: changes(
      new Map(Object.entries(from.metadata.configuration)),
      new Map(Object.entries(to.metadata.configuration)),
    ),
    protocol: changes(protocolOf(from), protocolOf(to)),
    txns: changes(textsOf(from.txns), textsOf(to.txns)),
    paths: { added: came.paths, removed: went.paths },
  }
}

export function diffLines(diff: VersionDiff): readonly string[] {
  const rows = (count: number | null): string => (count === null ? '? rows' : `${count} rows`)
  const parts: readonly (readonly [name: string, changes: readonly Change[]])[] = [
    ['protocol', diff.protocol],
    ['column', diff.columns],
    ['property', diff.properties],
    ['progress', diff.txns],
  ]
  return [
    `version ${diff.from} to ${diff.to}`,
    `added       ${diff.filesAdded} files, ${rows(diff.rowsAdded)}`,
    `removed     ${diff.filesRemoved} files, ${rows(diff.rowsRemoved)}`,
    ...(diff.filesChanged > 0 ? [`rewritten   ${diff.filesChanged} files kept with other rows deleted`] : []),
    ...parts.flatMap(([name, some]) => some.map((each) => `${name.padEnd(11)} ${changeText(each)}`)),
  ]
}

function changeText({ name, before, after }: Change): string {
  if (before === null) return `+ ${name}: ${after}`
  if (after === null) return `- ${name}: ${before}`
  return `~ ${name}: ${before} -> ${after}`
}

interface Side {
  readonly files: number
  readonly changed: number
  readonly rows: number | null
  readonly paths: readonly string[]
}

/** What of one version is not in the other; of a file whose vector changed, the rows it has more than there. */
function sideOf(adds: Iterable<AddAction>, other: Snapshot): Side {
  let files = 0
  let changed = 0
  let rows: number | null = 0
  const paths: string[] = []
  for (const add of adds) {
    const there = other.files.get(add.path)
    const own = liveRows(add)
    if (there === undefined) {
      files++
      rows = sum(rows, own)
      if (paths.length < pathsMax) paths.push(shownPath(add.path))
      continue
    }
    const more = (there.deletionVector?.cardinality ?? 0) - (add.deletionVector?.cardinality ?? 0)
    if (JSON.stringify(there.deletionVector) === JSON.stringify(add.deletionVector)) continue
    changed++
    if (more > 0) rows = sum(rows, more)
  }
  return { files, changed, rows, paths }
}

function sum(total: number | null, rows: number | null): number | null {
  return total === null || rows === null ? null : total + rows
}

function changes(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly Change[] {
  const names = [...new Set([...before.keys(), ...after.keys()])]
  return names
    .map((name) => ({ name, before: before.get(name) ?? null, after: after.get(name) ?? null }))
    .filter((each) => each.before !== each.after)
}

/** Every column by its dotted path, nested ones too. */
function columnsOf(schema: StructType, prefix = ''): Map<string, string> {
  const columns = new Map<string, string>()
  for (const { name, type, nullable } of schema.fields) {
    const path = `${prefix}${name}`
    columns.set(path, `${typeText(type)}${nullable ? '' : ' not null'}`)
    for (const [name, text] of nestedColumns(type, path)) columns.set(name, text)
  }
  return columns
}

function nestedColumns(type: DataType, path: string): ReadonlyMap<string, string> {
  if (typeof type === 'string') return new Map()
  switch (type.type) {
    case 'struct':
      return columnsOf(type, `${path}.`)
    case 'array':
      return nestedColumns(type.elementType, `${path}.element`)
    case 'map':
      return new Map([...nestedColumns(type.keyType, `${path}.key`), ...nestedColumns(type.valueType, `${path}.value`)])
  }
}

function typeText(type: DataType): string {
  if (typeof type === 'string') return type
  if (type.type === 'array') return `array<${typeText(type.elementType)}>`
  if (type.type === 'map') return `map<${typeText(type.keyType)},${typeText(type.valueType)}>`
  return 'struct'
}

function protocolOf({ protocol, metadata }: Snapshot): Map<string, string> {
  const features = [...new Set([...(protocol.readerFeatures ?? []), ...(protocol.writerFeatures ?? [])])]
  return new Map([
    ['table id', metadata.id],
    ['reader version', String(protocol.minReaderVersion)],
    ['writer version', String(protocol.minWriterVersion)],
    ...features.map((name) => [`feature ${name}`, 'listed'] as const),
    ['partition columns', metadata.partitionColumns.join(', ') || 'none'],
  ])
}

function textsOf(txns: ReadonlyMap<string, number>): Map<string, string> {
  return new Map([...txns].map(([appId, version]) => [appId, String(version)]))
}

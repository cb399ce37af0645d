import { SiltError } from '@silt/core'
import type { Metadata, Protocol } from '../actions/action.ts'
import { tableLayout, type LaidOutTable } from '../schema/table-layout.ts'
import { voidColumn } from '../schema/walk-schema.ts'
import { featureRules, type RowRuleJudge } from './features.ts'
import { impliedWriterFeatures } from './supports-feature.ts'

const readerVersionMax = 3
const writerVersionMax = 7

/** Throws `delta/unsupported-feature` (unsupported) where the log alone does not give the table's state, or in ways we do not know. */
export function requireReplayable(location: string, protocol: Protocol): void {
  for (const name of readerFeatures(location, protocol)) {
    const rule = featureRules.get(name)
    if (rule === undefined || !rule.replay) refuse(location, name, 'it changes how the log is read', 'read')
  }
}

/** Throws `delta/unsupported-feature` (unsupported) naming the feature, where the rows of this table cannot be read rightly. */
export function requireReadable(state: Pick<LaidOutTable, 'protocol' | 'metadata' | 'schema'>): void {
  const location = nameOf(state)
  requireParquet(location, state.metadata, 'read')
  for (const name of readerFeatures(location, state.protocol)) {
    const rule = featureRules.get(name)
    const refusal = rule === undefined ? 'Silt does not know it' : rule.read(state)
    if (refusal !== undefined) refuse(location, name, refusal, 'read')
  }
}

/**
 * Throws `delta/unsupported-feature` (unsupported) naming the feature, where Silt must not append to this table (I12); `delta/broken-…` (data) where
 * what the table asks of its files cannot be read. `judge` says what rules of rows whoever writes can evaluate; left out: none.
 */
export function requireWritable(state: LaidOutTable, judge?: RowRuleJudge): void {
  const location = nameOf(state)
  requireParquet(location, state.metadata, 'written')
  const listedForReaders = readerFeatures(location, state.protocol)
  const { minWriterVersion, writerFeatures } = state.protocol
  if (minWriterVersion > writerVersionMax)
    refuse(location, `writer version ${minWriterVersion}`, `Silt knows versions up to ${writerVersionMax}`, 'written')
  const names = minWriterVersion === writerVersionMax ? (writerFeatures ?? []) : impliedWriterFeatures(minWriterVersion)
  for (const name of new Set([...names, ...listedForReaders])) {
    const rule = featureRules.get(name)
    const subject = judge === undefined ? state : { ...state, judge }
    const refusal = rule === undefined ? 'Silt does not know it' : rule.append(subject)
    if (refusal !== undefined) refuse(location, name, refusal, 'written')
  }
  const column = voidColumn(state.schema)
  if (column !== undefined)
    refuse(location, 'the type void', `no file may hold column ${column}, nor any value for it`, 'written')
  tableLayout(state)
}

/** Throws `delta/table-replaced` (unsupported) where this is not the table work was planned for (I12). */
export function requireSameTable(state: Pick<LaidOutTable, 'protocol' | 'metadata' | 'schema'>, tableId: string): void {
  if (state.metadata.id === tableId) return
  const message = `the table's id is ${state.metadata.id}, expected ${tableId}: it was replaced; nothing was written`
  throw new SiltError('unsupported', 'delta/table-replaced', message, { context: { tableId } })
}

function readerFeatures(location: string, protocol: Protocol): readonly string[] {
  const { minReaderVersion, minWriterVersion } = protocol
  if (minReaderVersion > readerVersionMax)
    refuse(location, `reader version ${minReaderVersion}`, `Silt knows versions up to ${readerVersionMax}`, 'read')
  if (minReaderVersion < readerVersionMax) return minReaderVersion === 2 ? ['columnMapping'] : []
  if (minWriterVersion < writerVersionMax || protocol.readerFeatures === undefined) {
    const message = `${location}: reader version 3 needs writer version 7 and a list of reader features`
    throw new SiltError('data', 'delta/broken-protocol', message)
  }
  return protocol.readerFeatures
}

/** § Format Specification: others may be named, and files of two formats would make rows that no reader finds. */
function requireParquet(location: string, { format: { provider } }: Metadata, done: 'read' | 'written'): void {
  if (provider.toLowerCase() !== 'parquet')
    refuse(location, `files of format ${provider}`, 'it has Parquet alone', done)
}

function refuse(location: string, feature: string, reason: string, done: 'read' | 'written'): never {
  const remedy = 'Drop the feature with an engine that has it, or point Silt at another table.'
  const message = `${location} uses ${feature}, which Silt does not implement (${reason}); nothing was ${done}. ${remedy}`
  throw new SiltError('unsupported', 'delta/unsupported-feature', message, { context: { feature } })
}

function nameOf(state: Pick<LaidOutTable, 'protocol' | 'metadata' | 'schema'>): string {
  return `the table ${state.metadata.name ?? state.metadata.id}`
}

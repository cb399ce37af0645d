import { SiltError } from '@silt/core'
import type { Protocol } from '../actions/action.ts'
import type { TableState } from '../snapshot/table-state.ts'
import { featureRules, impliedWriterFeatures } from './features.ts'

/** What negotiation looks at. */
export type NegotiatedTable = Pick<TableState, 'protocol' | 'metadata' | 'schema'>

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
export function requireReadable(state: NegotiatedTable): void {
  const location = nameOf(state)
  for (const name of readerFeatures(location, state.protocol)) {
    const rule = featureRules.get(name)
    const refusal = rule === undefined ? 'Silt does not know it' : rule.read(state)
    if (refusal !== undefined) refuse(location, name, refusal, 'read')
  }
}

/** Throws `delta/unsupported-feature` (unsupported) naming the feature, where Silt must not append to this table (I12). */
export function requireWritable(state: NegotiatedTable): void {
  requireReadable(state)
  const location = nameOf(state)
  const { minWriterVersion, writerFeatures } = state.protocol
  if (minWriterVersion > writerVersionMax)
    refuse(location, `writer version ${minWriterVersion}`, `Silt knows versions up to ${writerVersionMax}`, 'written')
  const names = minWriterVersion === writerVersionMax ? (writerFeatures ?? []) : impliedWriterFeatures(minWriterVersion)
  for (const name of names) {
    const rule = featureRules.get(name)
    const refusal = rule === undefined ? 'Silt does not know it' : rule.append(state)
    if (refusal !== undefined) refuse(location, name, refusal, 'written')
  }
}

/** Throws `delta/table-replaced` (unsupported) where this is not the table work was planned for (I12). */
export function requireSameTable(state: NegotiatedTable, tableId: string): void {
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

function refuse(location: string, feature: string, reason: string, done: 'read' | 'written'): never {
  const remedy = 'Drop the feature with an engine that has it, or point Silt at another table.'
  const message = `${location} uses ${feature}, which Silt does not implement (${reason}); nothing was ${done}. ${remedy}`
  throw new SiltError('unsupported', 'delta/unsupported-feature', message, { context: { feature } })
}

function nameOf(state: NegotiatedTable): string {
  return `the table ${state.metadata.name ?? state.metadata.id}`
}

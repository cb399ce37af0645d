import { SiltError, type RowRules, type StructType } from '@silt/core'
import { probeKey } from '@silt/contracts'
import { commitEntry, commitInfo, completeCommit, loadState, newTableActions, parseSchema } from '@silt/delta'
import { compileRules, parseCreateTable } from '@silt/expressions'
import { probePutIfAbsent } from '@silt/object-store'
import type { DecisionDeps } from './commit-decision.ts'

/** What a table is made of. */
export interface TableSpec {
  readonly schema: StructType
  readonly partitionColumns: readonly string[]
  readonly clusterColumns?: readonly string[]
  readonly configuration: Readonly<Record<string, string>>
  readonly description?: string
}

/**
 * Reads a schema file: a Delta schema as JSON, or one CREATE TABLE statement of Spark's SQL, told apart by how the text begins.
 * Errors: `delta/broken-schema` (data), `expressions/syntax` (invalid), `expressions/unsupported` (unsupported).
 */
export function parseSchemaFile(text: string): TableSpec {
  const plain = text.replace(/^\ufeff/, '')
  if (plain.trimStart().startsWith('{')) return { schema: parseSchema(plain), partitionColumns: [], configuration: {} }
  const { schema, partitionColumns, clusterColumns, properties, comment } = parseCreateTable(plain)
  return {
    schema,
    partitionColumns,
    clusterColumns,
    configuration: properties,
    ...(comment === undefined ? {} : { description: comment }),
  }
}

/**
 * Makes the table as version 0. Errors: `table/exists` (invalid), also where another came first; `delta/invalid-table` (invalid), `decision/unknown`
 * (ambiguous), `store/no-put-if-absent` (unsupported).
 */
export async function createTable(deps: DecisionDeps, spec: TableSpec): Promise<void> {
  const { store, reader, clock, random } = deps
  if ((await loadState(store, reader)) !== undefined) throw exists(store.location)
  const nowMs = clock.nowMs()
  const token = random.uuid()
  const provenance = commitInfo({
    timestampMs: nowMs,
    operation: 'CREATE TABLE',
    operationParameters: {
      isManaged: 'false',
      description: spec.description ?? '',
      partitionBy: JSON.stringify(spec.partitionColumns),
      properties: JSON.stringify(spec.configuration),
    },
    engineInfo: 'silt/0.1.0',
    token,
  })
  const made = newTableActions({ id: random.uuid(), createdMs: nowMs, ...spec, judge: judgeRules })
  const actions = completeCommit(undefined, [provenance, ...made], nowMs)
  await probePutIfAbsent(store, probeKey)
  const outcome = await commitEntry(store, { version: 0, actions, token, readBack: deps.readBack })
  if (outcome.kind === 'conflict') throw exists(store.location)
  if (outcome.kind === 'unknown') {
    const message = 'whether the table was made is not known; look with "silt table show" before trying again'
    throw new SiltError('ambiguous', 'decision/unknown', message, { cause: outcome.cause })
  }
}

/** As a statement's expressions are: what nobody could evaluate would keep every row out. */
function judgeRules(rules: RowRules, schema: StructType): string | undefined {
  try {
    compileRules(rules, schema)
    return undefined
  } catch (error) {
    if (error instanceof SiltError && error.code.startsWith('expressions/')) return error.message
    throw error
  }
}

function exists(location: string): SiltError {
  const message = `there is a Delta table at ${location} already; silt table show tells what it is. Choose another place, nothing was written`
  return new SiltError('invalid', 'table/exists', message)
}

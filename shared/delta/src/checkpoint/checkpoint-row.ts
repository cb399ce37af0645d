import type { DataType, ParquetRow, StructType } from '@silt/core'
import type { Action } from '../actions/action.ts'
import { parseAction } from '../actions/parse-action.ts'
import { wholeCheckpointSchema } from './checkpoint-schema.ts'

/** The action in a checkpoint row, its fields as JSON would have them; undefined for a row whose read columns are all null. */
export function actionOfRow(where: string, row: ParquetRow): Action | undefined {
  return parseAction(where, plainStruct(row, wholeCheckpointSchema))
}

/** An action as a row of `schema`: fields the schema lacks are left out, absent ones are null. */
export function rowOfAction(action: Action, schema: StructType): ParquetRow {
  return typedStruct(action, schema)
}

// Reading: only the fields of the spec (parsed statistics, as large as the rest, are not kept); null stays absent.
function plainStruct(value: Readonly<Record<string, unknown>>, schema: StructType): Record<string, unknown> {
  const plain: Record<string, unknown> = {}
  for (const { name, type } of schema.fields) {
    const each = value[name]
    if (each !== undefined && each !== null) plain[name] = plainValue(each, type)
  }
  return plain
}

function plainValue(value: unknown, type: DataType): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (typeof type === 'string' || typeof value !== 'object' || value === null) return value
  if (type.type === 'struct') return plainStruct(value as Readonly<Record<string, unknown>>, type)
  if (type.type === 'map') return plainMap(value)
  return value
}

// Readers differ in how they give a map: a Map, an object, or a list of key and value.
function plainMap(value: object): Record<string, unknown> {
  if (value instanceof Map) return Object.fromEntries(value as Map<string, unknown>)
  if (!Array.isArray(value)) return value as Record<string, unknown>
  const pairs = value as readonly { readonly key: string; readonly value?: unknown }[]
  return Object.fromEntries(pairs.map((pair) => [pair.key, pair.value ?? null]))
}

function typedStruct(value: Readonly<Record<string, unknown>>, schema: StructType): ParquetRow {
  const typed: Record<string, unknown> = {}
  for (const { name, type } of schema.fields) typed[name] = typedValue(value[name], type)
  return typed
}

function typedValue(value: unknown, type: DataType): unknown {
  if (value === undefined || value === null) return null
  if (type === 'long') return BigInt(value as number)
  if (typeof type === 'string' || type.type === 'array') return value
  if (type.type === 'struct') return typedStruct(value as Readonly<Record<string, unknown>>, type)
  return new Map(Object.entries(value as Readonly<Record<string, unknown>>))
}

import type { StructField, StructType } from '@silt/core'

/** What a CREATE TABLE statement says. */
export interface CreateTable {
  /** The name's parts: `catalog.schema.table` gives three. */
  readonly name: readonly string[]
  readonly isIfNotExists: boolean
  /** Comments, defaults and generation expressions stand in the fields' metadata, as Delta's protocol spells them. */
  readonly schema: StructType
  readonly partitionColumns: readonly string[]
  readonly clusterColumns: readonly string[]
  /** TBLPROPERTIES, and each CHECK constraint as `delta.constraints.<name in lower case>`. */
  readonly properties: Readonly<Record<string, string>>
  readonly comment: string | undefined
  readonly location: string | undefined
}

/** A statement as it is read, checked as a whole at its end. */
export interface Definition {
  readonly text: string
  readonly at: number
  readonly fields: readonly { readonly field: StructField; readonly at: number }[]
  readonly checks: readonly { readonly name: string; readonly sql: string; readonly at: number }[]
  readonly clauses: Clauses
}

export interface Clauses {
  partitionColumns: readonly string[]
  clusterColumns: readonly string[]
  properties: Readonly<Record<string, string>>
  comment: string | undefined
  location: string | undefined
}

import { field, struct, type DataType, type StructField } from '@silt/core'
import { parseType } from '../syntax/parse-type.ts'
import { readExpression } from '../syntax/parse-expression.ts'
import { TokenCursor } from '../syntax/token-cursor.ts'
import { checkDefinition } from './check-definition.ts'
import type { Clauses, CreateTable } from './definition.ts'

/**
 * Reads one CREATE TABLE statement of Spark's SQL for a Delta table: columns of every type with NOT NULL, COMMENT, DEFAULT and GENERATED ALWAYS AS (…), CONSTRAINT … CHECK (…), USING DELTA,
 * PARTITIONED BY, CLUSTER BY, TBLPROPERTIES, COMMENT, LOCATION. Expressions are compiled over the columns: what a writer could not evaluate is refused.
 * Errors: `expressions/syntax` (invalid); `expressions/unsupported` (unsupported), identity columns, OR REPLACE and AS SELECT among them.
 */
export function parseCreateTable(text: string): CreateTable {
  const cursor = new TokenCursor(text)
  const { at } = cursor
  cursor.expectWords('CREATE')
  if (cursor.isWord('OR')) throw cursor.unsupported('OR REPLACE')
  if (!cursor.isWord('TABLE')) throw cursor.unsupported(`CREATE ${cursor.token.text}`)
  cursor.take()
  const isIfNotExists = cursor.acceptWords('IF', 'NOT', 'EXISTS')
  const name = [cursor.expectName("the table's name")]
  while (cursor.acceptSymbol('.')) name.push(cursor.expectName("the table's name"))
  const fields: { field: StructField; at: number }[] = []
  const checks: { name: string; sql: string; at: number }[] = []
  if (!cursor.isSymbol('(')) throw cursor.expected('( and columns')
  cursor.take()
  cursor.list(() => {
    const start = cursor.at
    if (isConstraint(cursor)) checks.push({ ...readConstraint(cursor), at: start })
    else fields.push({ field: readColumn(cursor), at: start })
  })
  cursor.expectSymbol(')')
  const clauses = readClauses(cursor)
  cursor.acceptSymbol(';')
  cursor.expectEnd()
  checkDefinition({ text, at, fields, checks, clauses })
  const constraints = checks.map((check) => [`delta.constraints.${check.name.toLowerCase()}`, check.sql] as const)
  return Object.freeze({
    ...clauses,
    name,
    isIfNotExists,
    schema: struct(fields.map((each) => each.field)),
    properties: Object.freeze({ ...clauses.properties, ...Object.fromEntries(constraints) }),
  })
}

/** A column may be named so as well: a type follows it then. */
function isConstraint(cursor: TokenCursor): boolean {
  const after = cursor.peek(1)
  if (cursor.isWord('CONSTRAINT')) return cursor.peek(2).upper === 'CHECK' || cursor.peek(2).upper === 'PRIMARY'
  const isKeyed =
    cursor.isWord('CHECK') || cursor.isWord('PRIMARY') || cursor.isWord('FOREIGN') || cursor.isWord('UNIQUE')
  return isKeyed && (after.text === '(' || after.upper === 'KEY')
}

function readConstraint(cursor: TokenCursor): { name: string; sql: string } {
  const { at } = cursor
  if (!cursor.acceptWords('CONSTRAINT')) {
    const what = cursor.isWord('CHECK')
      ? 'a CHECK without a name (CONSTRAINT name CHECK (…))'
      : `${cursor.token.text} constraints`
    throw cursor.unsupported(what, at)
  }
  const name = cursor.expectName("the constraint's name")
  if (!cursor.isWord('CHECK')) throw cursor.unsupported(`${cursor.token.text} constraints`)
  cursor.take()
  return { name, sql: readBracketed(cursor) }
}

function readColumn(cursor: TokenCursor): StructField {
  const name = cursor.expectName("a column's name")
  const type: DataType = parseType(cursor)
  let isNullable = true
  const metadata: Record<string, string> = {}
  for (;;) {
    const { at } = cursor
    if (cursor.acceptWords('NOT', 'NULL')) isNullable = false
    else if (cursor.acceptWords('COMMENT')) metadata['comment'] = cursor.expectString('a comment')
    else if (cursor.acceptWords('DEFAULT')) metadata['CURRENT_DEFAULT'] = readText(cursor)
    else if (cursor.acceptWords('GENERATED')) metadata['delta.generationExpression'] = readGenerated(cursor, at)
    else if (cursor.isWord('CHECK') || cursor.isWord('PRIMARY') || cursor.isWord('COLLATE'))
      throw cursor.unsupported(`${cursor.token.upper} beside a column`)
    else return { ...field(name, type, isNullable), metadata: Object.freeze(metadata) }
  }
}

function readGenerated(cursor: TokenCursor, at: number): string {
  if (cursor.isWord('BY', 'DEFAULT') || cursor.isWord('ALWAYS', 'AS', 'IDENTITY'))
    throw cursor.unsupported('identity columns', at)
  cursor.expectWords('ALWAYS', 'AS')
  return readBracketed(cursor)
}

/** The text of the expression within brackets. */
function readBracketed(cursor: TokenCursor): string {
  cursor.expectSymbol('(')
  const sql = readText(cursor)
  cursor.expectSymbol(')')
  return sql
}

/** The text of the expression that comes next, as written. */
function readText(cursor: TokenCursor): string {
  const start = cursor.at
  readExpression(cursor)
  return cursor.text.slice(start, cursor.at).trim()
}

function readClauses(cursor: TokenCursor): Clauses {
  const clauses: Clauses = {
    partitionColumns: [],
    clusterColumns: [],
    properties: {},
    comment: undefined,
    location: undefined,
  }
  const seen = new Set<string>()
  while (cursor.token.kind === 'word') {
    const { at } = cursor
    const clause = cursor.take().upper
    if (seen.has(clause)) throw cursor.unsupported(`a second ${clause}`, at)
    seen.add(clause)
    switch (clause) {
      case 'USING':
        if (!cursor.acceptWords('DELTA')) throw cursor.unsupported(`USING ${cursor.token.text}`)
        break
      case 'PARTITIONED':
        cursor.expectWords('BY')
        clauses.partitionColumns = readNames(cursor)
        break
      case 'CLUSTER':
        cursor.expectWords('BY')
        if (cursor.isWord('AUTO')) throw cursor.unsupported('CLUSTER BY AUTO')
        clauses.clusterColumns = readNames(cursor)
        break
      case 'TBLPROPERTIES':
        clauses.properties = readProperties(cursor)
        break
      case 'COMMENT':
        clauses.comment = cursor.expectString('a comment')
        break
      case 'LOCATION':
        clauses.location = cursor.expectString('a location')
        break
      default:
        throw cursor.unsupported(clause === 'AS' ? 'AS SELECT' : clause, at)
    }
  }
  return clauses
}

/** Columns by name; what Spark knows beside those (types, transforms, nested columns) is refused. */
function readNames(cursor: TokenCursor): readonly string[] {
  cursor.expectSymbol('(')
  const names = cursor.list(() => {
    const { at } = cursor
    const name = cursor.expectName("a column's name")
    if (!cursor.isSymbol(',') && !cursor.isSymbol(')'))
      throw cursor.unsupported(`other than a column of the table: ${name}`, at)
    return name
  })
  cursor.expectSymbol(')')
  return names
}

function readProperties(cursor: TokenCursor): Readonly<Record<string, string>> {
  cursor.expectSymbol('(')
  const entries = cursor.list(() => {
    const key = cursor.token.kind === 'string' ? cursor.expectString('a property') : readDotted(cursor)
    cursor.acceptSymbol('=')
    return [key, readPropertyValue(cursor)] as const
  })
  cursor.expectSymbol(')')
  return Object.fromEntries(entries)
}

function readDotted(cursor: TokenCursor): string {
  let key = cursor.expectName('a property')
  while (cursor.acceptSymbol('.')) key += `.${cursor.expectName('a property')}`
  return key
}

function readPropertyValue(cursor: TokenCursor): string {
  const { kind, text } = cursor.token
  if (kind === 'string') return cursor.expectString('a value')
  const sign = cursor.acceptSymbol('-') ? '-' : ''
  if (cursor.token.kind === 'number') return `${sign}${cursor.take().text}`
  if (sign === '' && (cursor.isWord('TRUE') || cursor.isWord('FALSE'))) return cursor.take().text.toLowerCase()
  throw cursor.expected(`a value${text === '' ? '' : ' in quotes'}`)
}

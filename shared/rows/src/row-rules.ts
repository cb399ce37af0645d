import { SiltError, type EncodeSpec, type RowRules, type StructType } from '@silt/core'
import { compileRules, type CompiledRules, type RowContext, type RowRefusal, type SqlValue } from '@silt/expressions'
import { charCode } from './char-code.ts'
import { eventSchemaFor, planColumn, type ColumnPlan } from './column-plan.ts'
import type { Instant } from './instant.ts'
import type { ObjectFields } from './object-fields.ts'
import type { RowOrigin } from './row-origin.ts'
import { jsonOf, RuleColumn } from './rule-row.ts'
import { ValueConverter } from './value-converter.ts'

/** A document whose row may enter the table: as it was given, or with the columns that it did not name. */
export interface RuledDocument {
  readonly bytes: Uint8Array
  readonly view: DataView
}

/**
 * Holds documents against a table's rules before they become rows (Delta PROTOCOL § CHECK Constraints, § Column Invariants, § Generated Columns, § Default Columns).
 *
 * 1. Rules see the values that would stand in the table: converted, rounded, stood in for; a value that is rescued is NULL.
 * 2. A column counts as given where the record names it, be it as null. One that is not is filled by its default or its expression: the document is read
 *    again with it, as if the record had named it.
 * 3. The time of the cut is what current_timestamp() gives: a second run of the unit gives the same rows.
 */
export class RowRuleBook {
  readonly #rules: CompiledRules
  readonly #context: RowContext
  readonly #schema: StructType
  readonly #sources: readonly { readonly index: number; readonly source: Source }[]
  readonly #generated: readonly { readonly index: number; readonly column: RuleColumn | undefined }[]
  readonly #defaults: readonly { readonly column: RuleColumn; readonly member: string }[]
  readonly #converter = new ValueConverter()
  readonly #spec: EncodeSpec

  /** `planned`: the columns JSON fills, by name. Errors: `expressions/…`, `rows/rule-unsupported` (unsupported), naming the rule. */
  constructor(
    spec: EncodeSpec,
    rules: RowRules,
    planned: ReadonlyMap<string, { readonly id: number; readonly plan: ColumnPlan }>,
  ) {
    this.#spec = spec
    this.#schema = eventSchemaFor(spec.schema, spec.layout?.columnMapping)
    this.#rules = compileRules(rules, this.#schema)
    this.#context = { nowMicros: BigInt(spec.cutAtMs) * 1000n }
    this.#sources = this.#rules.columns.map((index) => ({ index, source: this.#sourceOf(index, planned) }))
    const columnAt = (index: number): Source | undefined => this.#sources.find((each) => each.index === index)?.source
    this.#generated = this.#rules.generated.map(({ index, name }) => {
      const source = columnAt(index)
      if (source instanceof RuleColumn) return { index, column: source }
      // Columns of every event are always given.
      if (source === 'null') throw unfillable(`generated column ${name}`)
      return { index, column: undefined }
    })
    this.#defaults = this.#rules.defaults.flatMap(({ index, name }, place) => {
      const source = columnAt(index)
      if (source === 'null') throw unfillable(`the default of column ${name}`)
      return source instanceof RuleColumn ? [{ column: source, member: this.#defaultMember(place, name, index) }] : []
    })
  }

  /** `fields` have scanned `bytes[start .. end)`; they have scanned what is given back, if that is a document. */
  apply(
    fields: ObjectFields,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    origin: RowOrigin,
  ): RuledDocument | RowRefusal {
    let document: RuledDocument & { readonly start: number; readonly end: number } = { bytes, view, start, end }
    if (this.#defaults.length > 0) {
      const members = this.#defaults.flatMap(({ column, member }) => (column.isGiven(fields) ? [] : [member]))
      if (members.length > 0) document = extended(fields, document, members)
    }
    const row = this.#read(fields, document, origin)
    const isGiven = this.#generated.map(({ column }) => column === undefined || column.isGiven(fields))
    const refusal = this.#rules.apply(row, isGiven, this.#context)
    if (refusal !== undefined || isGiven.every((each) => each)) return refusal ?? document
    return this.#withGenerated(fields, document, row, isGiven)
  }

  #withGenerated(
    fields: ObjectFields,
    document: RuledDocument & { readonly start: number; readonly end: number },
    row: readonly SqlValue[],
    isGiven: readonly boolean[],
  ): RuledDocument | RowRefusal {
    const members: string[] = []
    const added = this.#generated.filter((_, place) => isGiven[place] !== true)
    for (const { index } of added) {
      const { name, type } = this.#schema.fields[index]!
      const json = jsonOf(type, row[index]!)
      if (json === undefined)
        return { reason: 'generated-column', detail: `column ${name}: its value is beyond what events hold` }
      members.push(`${JSON.stringify(name)}:${json}`)
    }
    const whole = extended(fields, document, members)
    for (const { index, column } of added) {
      const landed = column?.read(fields, whole.bytes, whole.view, this.#converter)
      // Where something else stands in for a NULL, or an empty text is none.
      if (landed !== undefined && !Object.is(landed, row[index]))
        return {
          reason: 'generated-column',
          detail: `column ${this.#schema.fields[index]!.name}: its value cannot stand in an event's column as it is`,
        }
    }
    return whole
  }

  #read(fields: ObjectFields, { bytes, view }: RuledDocument, origin: RowOrigin): SqlValue[] {
    const row = new Array<SqlValue>(this.#schema.fields.length).fill(null)
    for (const { index, source } of this.#sources) {
      if (source instanceof RuleColumn) {
        const value = source.read(fields, bytes, view, this.#converter)
        // An event without a time of its own has its record's.
        row[index] = value === null && source.field.name === 'timestamp' ? micros(origin.kafkaTimestamp) : value
      } else row[index] = this.#ownValue(source, fields, bytes, view, origin)
    }
    return row
  }

  #ownValue(
    source: Exclude<Source, RuleColumn>,
    fields: ObjectFields,
    bytes: Uint8Array,
    view: DataView,
    origin: RowOrigin,
  ): SqlValue {
    switch (source) {
      case 'null':
        return null
      case '_topic':
        return this.#spec.topic
      case '_topic_id':
        return this.#spec.topicId
      case '_partition':
        return origin.partition
      case '_offset':
        return BigInt(origin.offset)
      case '_kafka_timestamp':
        return micros(origin.kafkaTimestamp)
      default: {
        const timestamp = source.timestamp.read(fields, bytes, view, this.#converter) ?? micros(origin.kafkaTimestamp)
        return Math.floor(Number(timestamp) / 86_400_000_000)
      }
    }
  }

  #sourceOf(index: number, planned: ReadonlyMap<string, { readonly id: number; readonly plan: ColumnPlan }>): Source {
    const { name } = this.#schema.fields[index]!
    const column = (known: string): RuleColumn | undefined => {
      const found = planned.get(known)
      return found === undefined
        ? undefined
        : new RuleColumn(found.id, found.plan, this.#spec.partitionColumns.includes(known))
    }
    const own = ownColumns.find((each) => each === name)
    if (own !== undefined) return own
    if (name === '_rescued')
      throw new SiltError('unsupported', 'rows/rule-unsupported', 'a rule over _rescued: not supported')
    if (name === 'event_date' && this.#spec.partitionColumns.includes(name)) {
      const timestamp = column('timestamp')
      if (timestamp !== undefined) return { timestamp }
    }
    return column(name) ?? 'null'
  }

  /** The default as a member of a document. One that fails, or that no event could hold, is refused: every row would need it. */
  #defaultMember(place: number, name: string, index: number): string {
    const value = this.#rules.defaultOf(place, this.#context)
    const json = jsonOf(this.#schema.fields[index]!.type, value)
    if (json === undefined)
      throw new SiltError(
        'unsupported',
        'rows/rule-unsupported',
        `the default of column ${name} is beyond what events hold`,
      )
    return `${JSON.stringify(name)}:${json}`
  }
}

/** Why a table with these rules cannot get rows, naming the rule; undefined where it can. */
export function judgeRowRules(rules: RowRules, schema: StructType): string | undefined {
  const spec: EncodeSpec = {
    topic: '',
    topicId: null,
    cutAtMs: 0,
    failedAtMs: 0,
    schema,
    partitionColumns: [],
    evolution: 'rescue',
    columnsMax: schema.fields.length,
    recordBytesMax: 0,
  }
  const planned = new Map(
    schema.fields.flatMap((field, id) => {
      const plan = planColumn(field)
      return plan === undefined ? [] : [[field.name, { id, plan }] as const]
    }),
  )
  try {
    new RowRuleBook(spec, rules, planned)
    return undefined
  } catch (error) {
    if (error instanceof SiltError && error.kind !== 'internal') return error.message
    throw error
  }
}

const ownColumns = ['_topic', '_topic_id', '_partition', '_offset', '_kafka_timestamp'] as const

/** Where the value of a column comes from; `null` where no event fills it. */
type Source = RuleColumn | (typeof ownColumns)[number] | 'null' | { readonly timestamp: RuleColumn }

function unfillable(what: string): SiltError {
  return new SiltError(
    'unsupported',
    'rows/rule-unsupported',
    `${what}: events do not fill columns of that type or name`,
  )
}

function micros({ seconds, micros: rest }: Instant): bigint {
  return BigInt(seconds) * 1_000_000n + BigInt(rest)
}

/** The document with more members, scanned; the one given is an object. */
function extended(
  fields: ObjectFields,
  { bytes, start, end }: { readonly bytes: Uint8Array; readonly start: number; readonly end: number },
  members: readonly string[],
): RuledDocument & { readonly start: number; readonly end: number } {
  let last = end - 1
  while (bytes[last] !== charCode.closeBrace) last--
  let before = last - 1
  while (bytes[before]! <= 0x20) before--
  const isEmpty = bytes[before] === charCode.openBrace
  const tail = Buffer.from(`${isEmpty ? '' : ','}${members.join(',')}}`)
  // The scanner's sentinel needs a byte after the value.
  const whole = new Uint8Array(last - start + tail.length + 1)
  whole.set(bytes.subarray(start, last))
  whole.set(tail, last - start)
  fields.scan(whole, 0, whole.length - 1)
  return { bytes: whole, view: new DataView(whole.buffer), start: 0, end: whole.length - 1 }
}

import { struct, type BytesVector, type ColumnBatch, type ColumnVector, type StructType } from '@silt/core'
import { BooleanColumn, BytesColumn, DoubleColumn, IntegerColumn, LongColumn } from './column-builders.ts'
import { columnForm, newColumn, type AnyColumn, type ColumnPlan } from './column-plan.ts'

/** The rows of one partition of the table, growing. */
export class RowPart {
  rowCount = 0
  /** By column id; made when a column's first value arrives. */
  readonly columns: AnyColumn[] = []
  readonly partitions = new IntegerColumn()
  readonly offsets = new LongColumn()
  readonly kafkaTimestamps = new LongColumn()
  readonly rescued = new BytesColumn()

  column(id: number, plan: ColumnPlan): AnyColumn {
    return (this.columns[id] ??= newColumn(plan))
  }

  /** All rows under the final schema: columns that came later, or never, are null before. `plans` by column id. */
  batch(schema: StructType, plans: readonly ColumnPlan[], topic: string, topicId: string | null): ColumnBatch {
    const ids = new Map(plans.map((plan, id) => [plan.field.name, id] as const))
    const fields = []
    const columns: ColumnVector[] = []
    for (const field of schema.fields) {
      const id = ids.get(field.name)
      const plan = id === undefined ? undefined : plans[id]
      const vector =
        id === undefined || plan === undefined
          ? this.#provenance(field.name, topic, topicId)
          : vectorOf(this.column(id, plan), plan, this.rowCount)
      if (vector === undefined) continue
      fields.push(field)
      columns.push(vector)
    }
    return { schema: struct(fields), rowCount: this.rowCount, columns }
  }

  #provenance(name: string, topic: string, topicId: string | null): ColumnVector | undefined {
    switch (name) {
      case '_topic':
        return constantText(topic, this.rowCount)
      case '_topic_id':
        return constantText(topicId, this.rowCount)
      case '_partition':
        return this.partitions.vector('integer', this.rowCount)
      case '_offset':
        return this.offsets.vector('long', this.rowCount)
      case '_kafka_timestamp':
        return this.kafkaTimestamps.vector('timestamp', this.rowCount)
      case '_rescued':
        return this.rescued.vector('string', this.rowCount)
      default:
        return undefined
    }
  }
}

/** The same text, or null, in every slot. */
export function constantText(text: string | null, rowCount: number): BytesVector {
  const one = Buffer.from(text ?? '')
  const bytes = new Uint8Array(one.length * rowCount)
  if (rowCount > 0) bytes.set(one)
  for (let filled = one.length; filled > 0 && filled < bytes.length; filled *= 2) bytes.copyWithin(filled, 0, filled)
  const offsets = Int32Array.from({ length: rowCount + 1 }, (_, row) => row * one.length)
  const base = { kind: 'string', length: rowCount, offsets, bytes } as const
  if (text !== null) return { ...base, nullCount: 0 }
  return { ...base, nullCount: rowCount, validity: new Uint8Array((rowCount + 7) >> 3) }
}

function vectorOf(column: AnyColumn, plan: ColumnPlan, rowCount: number): ColumnVector {
  if (column instanceof BytesColumn) return column.vector('string', rowCount)
  if (column instanceof DoubleColumn || column instanceof BooleanColumn) return column.vector(rowCount)
  if (column instanceof IntegerColumn) return column.vector(plan.field.type === 'date' ? 'date' : 'integer', rowCount)
  return column.vector(plan.form === columnForm.timestamp ? 'timestamp' : 'long', rowCount)
}

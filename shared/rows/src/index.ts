export { columnForm, eventSchemaFor, planColumn } from './column-plan.ts'
export type { ColumnPlan } from './column-plan.ts'
export { createRowDecoder } from './row-decoder.ts'
export type { DecodedPart, DecodedUnit, RowDecoder, RowDecoderLimits } from './row-decoder.ts'

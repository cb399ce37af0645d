export { createRowDecoder } from './row-decoder.ts'
export type { DecodedPart, DecodedUnit, RowDecoder, RowDecoderLimits } from './row-decoder.ts'

export { loadPlane } from './wasm/load.ts'
export { PlaneEncoder } from './unit/plane-encoder.ts'
export type { PlaneEncoderOptions } from './unit/plane-encoder.ts'

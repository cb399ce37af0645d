export { InlineEncoder } from '../encode/inline-encoder.ts'
export { LocalUnitRunner } from '../local-unit-runner.ts'

export { InlineEncoder } from '../encode/inline-encoder.ts'

/** The reading of batches that others are compared with. */
export { crc32c } from '@node-rs/crc32'
export { locateBatches, type RecordBatch } from '../../src/kafka/batch/record-batch.ts'
export { SlabBuilder } from '../../src/kafka/batch/slab-builder.ts'

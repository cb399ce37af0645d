export { runIngestor } from './ingestor.ts'
export { defaultIngestorOptions, type IngestorDeps, type IngestorOptions } from './ingestor-options.ts'
export { parseStartFrom, startOffset, type StartFrom } from './start-from.ts'
export {
  assessPartition,
  type PartitionAssessment,
  type PartitionFacts,
  type PartitionStop,
  type PartitionStopCode,
} from './assess-partition.ts'

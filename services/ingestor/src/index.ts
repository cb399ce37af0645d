export { runIngestor, defaultIngestorOptions, type IngestorDeps, type IngestorOptions } from './ingestor.ts'
export { parseStartFrom, startOffset, type StartFrom } from './start-from.ts'
export {
  assessPartition,
  type PartitionAssessment,
  type PartitionFacts,
  type PartitionStop,
  type PartitionStopCode,
} from './assess-partition.ts'

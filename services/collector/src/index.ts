/** Events into files, or any sink; `@silt/collector/kafka` is the one into a topic, which loads kafkajs. */
export { requireToken, runCollector, type CollectorOptions, type CollectorParts } from './collector.ts'
export { FilesSink } from './files/files-sink.ts'
export type { EventSink } from './sink.ts'

/** Events into a topic by kafkajs, some 16 MB of every process that loads it. */
export { KafkaSink } from './kafka-sink.ts'
export { kafkajsProducer } from './producer-turns.ts'

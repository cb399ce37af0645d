export { FilesSource } from './files/files-source.ts'
export { MemorySource } from './memory/memory-source.ts'
export { StaticMembership } from './static-membership.ts'
export { KafkaSource, type KafkaSourceOptions } from './kafka/kafka-source.ts'
export type { AnswerMemory, Landing } from './kafka/landing/answer-memory.ts'
export type { BatchCollector, CollectorOf } from './kafka/landing/batch-collector.ts'
export type { ConnectionSecurity, Isolation, KafkaConnectionOptions, SaslCredentials } from './kafka/kafka-options.ts'
export { clientCredentialsTokens } from './kafka/tokens/client-credentials.ts'
export { mskIamTokens, type AwsKeys } from './kafka/tokens/msk-iam-token.ts'
export { KafkaMembership, type KafkaMembershipOptions } from './kafka/group/kafka-membership.ts'
export {
  KafkaProbe,
  type BrokerAnswer,
  type GroupAnswer,
  type TopicAnswer,
  type TopicRetention,
} from './kafka/kafka-probe.ts'

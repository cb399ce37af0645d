import { join } from 'node:path'

export const KAFKA_VERSION = '4.4.0'

/** A Maven project whose only purpose is its runtime dependencies: the broker's jars. */
export function pomXml(): string {
  const dependency = (group: string, artifact: string, version: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0">',
    '<modelVersion>4.0.0</modelVersion>',
    '<groupId>silt.test</groupId><artifactId>kafka-server</artifactId><version>1</version><packaging>pom</packaging>',
    '<dependencies>',
    dependency('org.apache.kafka', 'kafka_2.13', KAFKA_VERSION),
    dependency('org.slf4j', 'slf4j-simple', '1.7.36'),
    '</dependencies>',
    '</project>',
  ].join('\n')
}

/** The properties of one node that is broker and controller at once. */
export function brokerProperties(node: {
  port: number
  controllerPort: number
  dataDir: string
  fastTimeouts: boolean
}): Record<string, string> {
  const listeners = `PLAINTEXT://127.0.0.1:${node.port},CONTROLLER://127.0.0.1:${node.controllerPort}`
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.bootstrap.servers': `127.0.0.1:${node.controllerPort}`,
    listeners,
    'advertised.listeners': listeners,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(node.dataDir, 'logs'),
    'auto.create.topics.enable': 'false',
    // Record times of tests may lie far back: time-based retention would delete them while they are read.
    'log.retention.ms': '-1',
    ...oneNodeTopics('offsets.topic'),
    ...oneNodeTopics('transaction.state.log'),
    ...oneNodeTopics('share.coordinator.state.topic'),
    ...(node.fastTimeouts ? FAST_TIMEOUTS : {}),
  }
}

const FAST_TIMEOUTS = {
  'group.min.session.timeout.ms': '1000',
  'broker.session.timeout.ms': '2000',
  'broker.heartbeat.interval.ms': '500',
  'group.initial.rebalance.delay.ms': '0',
  'log.retention.check.interval.ms': '2000',
}

function oneNodeTopics(prefix: string): Record<string, string> {
  const minIsr = prefix === 'offsets.topic' ? {} : { [`${prefix}.min.isr`]: '1' }
  return { [`${prefix}.replication.factor`]: '1', [`${prefix}.num.partitions`]: '4', ...minIsr }
}

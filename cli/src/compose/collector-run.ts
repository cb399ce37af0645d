import { FilesSink, runCollector, type CollectorOptions, type EventSink } from '@silt/collector'
import type { Settings } from '@silt/config'
import { KafkaSource } from '@silt/source'
import { kafkaConnection } from './open-source.ts'
import type { ServiceParts } from './service-parts.ts'

/** Settings into a collector: Kafka where KAFKA_BOOTSTRAP_SERVERS says so, else the folder TOPICS_DIR. */
export async function collectorRun(parts: ServiceParts): Promise<void> {
  const { settings, terminal } = parts
  const { sink, close } = await openSink(parts)
  try {
    await runCollector({ ...parts, sink, clock: terminal.clock }, collectorOptions(settings), terminal.signal)
  } finally {
    await close()
  }
}

/** What the settings say to the collector. */
export function collectorOptions(settings: Settings): CollectorOptions {
  return {
    topic: settings.KAFKA_TOPIC,
    host: settings.HTTP_HOST,
    port: settings.HTTP_PORT,
    token: settings.HTTP_TOKEN,
    origins: settings.HTTP_ORIGINS?.split(',') ?? [],
    key: settings.HTTP_KEY,
    bodyBytesMax: settings.HTTP_BODY_BYTES_MAX,
    eventsMax: settings.HTTP_EVENTS_MAX,
    requestsMax: settings.HTTP_REQUESTS_MAX,
    inFlightBytesMax: settings.HTTP_IN_FLIGHT_BYTES_MAX,
    timeoutMs: settings.HTTP_TIMEOUT_MS,
    demoPage: settings.HTTP_DEMO_PAGE,
    shutdownDeadlineMs: settings.SHUTDOWN_DEADLINE_MS,
  }
}

interface OpenSink {
  readonly sink: EventSink
  readonly close: () => Promise<void>
}

async function openSink({ settings, terminal, log }: ServiceParts): Promise<OpenSink> {
  const topic = settings.KAFKA_TOPIC
  const { clock, random } = terminal
  const connection = kafkaConnection(settings, { ...terminal, log })
  if (connection === undefined)
    return { sink: new FilesSink({ topicsDir: settings.TOPICS_DIR, topic, clock }), close: () => Promise.resolve() }
  const { KafkaSink, kafkajsProducer } = await import('@silt/collector/kafka')
  logWarnings(log)
  const { KAFKA_ISOLATION_LEVEL: isolation, RECORD_BYTES_MAX: recordBytesMax } = settings
  const source = new KafkaSource({ ...connection, clock, random, isolation, recordBytesMax })
  const sink = new KafkaSink({ topic, source, openProducer: kafkajsProducer(connection, log) })
  return { sink, close: () => source.close() }
}

/** kafkajs asks for timers of a negative time, which Node makes 1 ms and warns of; other warnings become log lines. */
function logWarnings(log: ServiceParts['log']): void {
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name !== 'TimeoutNegativeWarning') log.warn({ code: warning.name }, warning.message)
  })
}

import type { Settings } from '@silt/config'

/** In one line, which source, queue and table the settings choose; where a setting is missing that would choose another, it is named. */
export function chosenParts(settings: Settings): string {
  return `source: ${source(settings)}; queue: ${queue(settings)}; table: ${settings.DELTA_TABLE_PATH}`
}

function source({ KAFKA_BOOTSTRAP_SERVERS: servers, KAFKA_TOPIC: topic, TOPICS_DIR: folder }: Settings): string {
  if (servers === undefined) return `files in ${folder}/${topic} (KAFKA_BOOTSTRAP_SERVERS is not set)`
  return `topic ${topic} of Kafka at ${servers}`
}

/** The URL itself may hold a password. */
function queue({ REDIS_URL: url }: Settings): string {
  return url === undefined ? 'in this process (REDIS_URL is not set)' : `Redis at ${new URL(url).host}`
}

import type { Settings } from '@silt/config'
import type { PartitionEnds } from '@silt/core'
import type { KafkaProbe, GroupAnswer, TopicAnswer, TopicRetention } from '@silt/source'
import { fail, ok, skip, warn, type Finding } from './finding.ts'
import type { Role } from './role.ts'
import type { Check } from './run-checks.ts'

/** What of Kafka each needs: the ingestor ends of partitions and its group, the writer records, the operator ends; the committer nothing at all. */
export function kafkaChecks(settings: Settings, probe: KafkaProbe, actors: readonly Role[]): readonly Check[] {
  const servers = (settings.KAFKA_BOOTSTRAP_SERVERS ?? '').split(',')
  const topic = settings.KAFKA_TOPIC
  const brokers = servers.map((server): Check => {
    const name = `kafka broker ${server}`
    return { name, run: async () => [brokerFinding(name, await probe.broker(server), settings)] }
  })
  const needsOneOf = brokers.map(({ name }) => name)
  const topicCheck: Check = {
    name: 'kafka topic',
    needsOneOf,
    run: async () => topicFindings(topic, await probe.topic(topic), actors),
  }
  const groupCheck: Check = {
    name: 'kafka group',
    needsOneOf,
    run: async () => [groupFinding(settings.KAFKA_GROUP_ID, await probe.group(settings.KAFKA_GROUP_ID))],
  }
  return [...brokers, topicCheck, ...(actors.includes('ingestor') ? [groupCheck] : [])]
}

export function brokerFinding(
  check: string,
  answer: { readonly ms: number; readonly missingApis: readonly string[] },
  settings: Pick<Settings, 'KAFKA_SECURITY_PROTOCOL' | 'KAFKA_SASL_MECHANISM'>,
): Finding {
  const { KAFKA_SECURITY_PROTOCOL: protocol, KAFKA_SASL_MECHANISM: mechanism } = settings
  const how = mechanism === undefined || !protocol.startsWith('SASL') ? protocol : `${protocol}, ${mechanism}`
  if (answer.missingApis.length === 0) return ok(check, `answers in ${answer.ms} ms over ${how}`)
  const missing = `speaks no version of ${answer.missingApis.join(', ')} that Silt does`
  return fail(check, missing, 'upgrade the broker to Kafka 2.8 or newer')
}

export function topicFindings(
  topic: string,
  answer: TopicAnswer | undefined,
  actors: readonly Role[],
): readonly Finding[] {
  const check = 'kafka topic'
  if (answer === undefined)
    return [
      fail(
        check,
        `topic ${topic} does not exist, or this user may not see it`,
        'correct KAFKA_TOPIC, create the topic, or grant Describe on it',
      ),
    ]
  const what = `topic ${topic}: ${answer.partitions} partitions, id ${answer.topicId ?? 'none'}, ${answer.brokers} brokers`
  const findings: Finding[] = []
  if (answer.leaderless.length > 0)
    findings.push(
      fail(
        check,
        `${what}; partitions ${answer.leaderless.join(', ')} have no leader`,
        'bring their brokers back; the other partitions go on meanwhile',
      ),
    )
  else findings.push(ok(check, what))
  const rights = 'kafka topic rights'
  const [missing, who] =
    actors.includes('writer') && !answer.mayRead
      ? ['Read', 'the writer']
      : !answer.mayDescribe
        ? ['Describe', actors.join(' and ')]
        : []
  findings.push(
    missing === undefined
      ? ok(rights, actors.includes('writer') ? 'may read and describe it' : 'may describe it')
      : fail(rights, `this user may not ${missing} topic ${topic}`, `grant ${missing} on the topic to ${who}`),
  )
  return findings
}

export function groupFinding(groupId: string, answer: GroupAnswer): Finding {
  const check = 'kafka group'
  if (!answer.mayJoin)
    return fail(check, `this user may not Read group ${groupId}`, 'grant Read on the group to the ingestor')
  if (answer.foreignProtocol !== undefined)
    return fail(
      check,
      `group ${groupId} belongs to other consumers (${answer.foreignProtocol}, ${answer.members} members)`,
      'give Silt a KAFKA_GROUP_ID of its own',
    )
  return ok(
    check,
    `may join group ${groupId}, which has ${answer.members} members now (joining is not tried: it would disturb them)`,
  )
}

/** Retention beside what is not committed yet: `oldMs` is how long ago the oldest uncommitted record came, as far as can be told. */
export function retentionFinding(
  retention: TopicRetention,
  backlog: { readonly partitions: number; readonly atRisk: readonly number[]; readonly urgent: readonly number[] },
): Finding {
  const check = 'kafka retention'
  const { retentionMs, retentionBytes, isCompacted } = retention
  const limits = [
    retentionMs === undefined ? 'no time limit' : `${hours(retentionMs)} h`,
    ...(retentionBytes === undefined ? [] : [`${retentionBytes} bytes a partition`]),
    ...(isCompacted ? ['compacted (gaps are normal)'] : []),
  ].join(', ')
  const remedy = 'raise retention.ms of the topic, or let Silt catch up: more writers, or whatever stopped it'
  if (backlog.urgent.length > 0)
    return fail(
      check,
      `records of partitions ${backlog.urgent.join(', ')} not committed yet are past 90 % of their retention (${limits})`,
      remedy,
    )
  if (backlog.atRisk.length > 0)
    return warn(
      check,
      `records of partitions ${backlog.atRisk.join(', ')} not committed yet are past half of their retention (${limits})`,
      remedy,
    )
  const room = retentionMs === undefined ? '' : '; what is not committed yet is younger than half of it'
  const bytes = retentionBytes === undefined ? '' : '; how near the limit in bytes is cannot be told from here'
  return ok(check, `keeps records ${limits}${room}${bytes}`)
}

/** Partitions whose next offset to commit is older than a moment: its first record at or after that moment has a higher offset. */
export function olderThan(
  ends: readonly PartitionEnds[],
  next: ReadonlyMap<number, number>,
  firstAfter: ReadonlyMap<number, number>,
): readonly number[] {
  return ends
    .filter(({ partition, readableEnd }) => {
      const at = next.get(partition)
      return at !== undefined && at < Math.min(readableEnd, firstAfter.get(partition) ?? readableEnd)
    })
    .map(({ partition }) => partition)
}

/** What Kafka does not tell. */
export const kafkaClock: Finding = skip('clock kafka', 'not compared: Kafka tells no time')

function hours(ms: number): string {
  return (ms / 3_600_000).toFixed(ms < 3_600_000 ? 2 : 0)
}

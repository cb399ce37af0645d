import { join } from 'node:path'
import { startKafkaCluster, type KafkaCluster } from '../servers/kafka-cluster.ts'
import { startServers } from '../servers/index.ts'
import { deployment, startActor, type Deployment } from '../support/deployment.ts'
import { withAdmin } from '../support/topics.ts'
import { actorNames, type ActorKind, type Server } from './faults.ts'
import { Link } from './link.ts'
import { Squad } from './squad.ts'

type OwnServers = Awaited<
  ReturnType<typeof startServers<{ redis: { appendOnly: true }; minio: Record<string, never> }>>
>

/** Everything a chaos run strikes at, and what only looks on: `direct` reaches the servers past the links. */
export interface Platform {
  readonly cluster: KafkaCluster
  readonly servers: OwnServers
  readonly squad: Squad
  /** By server; of Redis and MinIO by the name of the process that has it, of Kafka by the broker's number. */
  readonly links: Readonly<Record<Server, ReadonlyMap<string, Link>>>
  readonly direct: Deployment
  stop(): Promise<void>
}

/** Small enough for two cores, and often enough at each limit: units that are full, several in flight. */
const settings = {
  BATCH_SIZE: '200',
  BATCH_TIMEOUT_SECONDS: '2',
  UNIT_MAX_OFFSETS: '2000',
  UNITS_IN_FLIGHT_MAX: '4',
  WRITER_THREADS: '1',
  // Where two processes meet is told at this level.
  LOG_LEVEL: 'debug',
}

/** Starts three brokers, Redis, MinIO and all actors, each actor with links of its own to Redis and MinIO. */
export async function startPlatform(topic: string, partitions: number, folder: string): Promise<Platform> {
  const kafka = new Map<string, Link>()
  const behind: Link[] = []
  const advertise = async (behindPort: number): Promise<number> => {
    const link = await Link.before(behindPort)
    behind.push(link)
    return link.port
  }
  const [cluster, servers] = await Promise.all([
    startKafkaCluster(advertise),
    startServers({ redis: { appendOnly: true }, minio: {} }),
  ])
  behind.forEach((link, index) => kafka.set(String(index), link))
  const links = { kafka, redis: new Map<string, Link>(), minio: new Map<string, Link>() }
  const common = { ...settings, KAFKA_GROUP_ID: `silt-${topic}` }
  const kafkaSettings = { bootstrapServers: cluster.bootstrapServers }
  const direct = deployment({ ...servers.settings, kafka: kafkaSettings }, topic, common)
  await createReplicatedTopic(cluster.bootstrapServers, topic, partitions)

  const behindLinks = new Map<string, Deployment>()
  for (const name of actorNames('any')) {
    const redis = await Link.before(portOf(servers.settings.redis.url))
    const minio = await Link.before(portOf(servers.settings.minio.endpoint))
    links.redis.set(name, redis)
    links.minio.set(name, minio)
    behindLinks.set(name, {
      ...direct,
      environment: {
        ...direct.environment,
        KAFKA_BOOTSTRAP_SERVERS: behind.map(({ port }) => `127.0.0.1:${port}`).join(','),
        REDIS_URL: `redis://127.0.0.1:${redis.port}`,
        AWS_ENDPOINT_URL: `http://127.0.0.1:${minio.port}`,
      },
    })
  }
  const squad = new Squad(
    actorNames('any'),
    (name) => startActor(behindLinks.get(name) ?? direct, name.split('-')[0] as ActorKind, name),
    join(folder, 'logs'),
  )
  const stop = async (): Promise<void> => {
    await squad.killAll()
    for (const group of Object.values(links)) for (const link of group.values()) await link.close()
    await Promise.all([cluster.stop(), servers.stop()])
  }
  return { cluster, servers, squad, links, direct, stop }
}

/** Its records' times are those at which the broker appended them: waits are counted from there. */
async function createReplicatedTopic(bootstrapServers: string, topic: string, numPartitions: number): Promise<void> {
  const configEntries = [{ name: 'message.timestamp.type', value: 'LogAppendTime' }]
  await withAdmin(bootstrapServers, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic, numPartitions, replicationFactor: 3, configEntries }],
    }),
  )
}

function portOf(url: string): number {
  return Number(new URL(url).port)
}

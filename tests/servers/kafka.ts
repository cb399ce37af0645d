import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cachedPath, ensureCached } from './cache.ts'
import { serverCommand } from './engine.ts'
import type { ServerRecipe } from './engine.ts'
import { brokerProperties, pomXml, KAFKA_VERSION } from './kafka-files.ts'
import { kafkaSecurityFiles, type KafkaSecurityFiles, type KafkaSecurityOptions } from './kafka-security.ts'
import { metadataHasBroker } from './kafka-probe.ts'
import { freePort } from './ports.ts'
import { handleOf, newDataDir, ServerProcess } from './server-process.ts'
import type { ServerHandle } from './server-process.ts'
import { findProgram, runTool } from './tools.ts'

export interface KafkaSettings {
  readonly bootstrapServers: string
  /** With `security`: the listeners that ask who one is. */
  readonly secured?: { readonly saslSsl: string; readonly ssl: string }
}

export interface KafkaOptions {
  /**
   * Short session, heartbeat and retention timers, so that tests do not wait (default true).
   * Figures about recovery need the broker's defaults: false.
   */
  readonly fastTimeouts?: boolean
  /** More broker properties; they win over the harness's. */
  readonly properties?: Readonly<Record<string, string>>
  readonly security?: KafkaSecurityOptions
}

export type KafkaServer = ServerHandle<KafkaSettings>

const LIBS = `kafka-${KAFKA_VERSION}`
const JVM = [
  '-Xms128m',
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Djava.net.preferIPv4Stack=true',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
]

export const kafkaRecipe: ServerRecipe = {
  name: 'kafka',
  image: `apache/kafka:${KAFKA_VERSION}`,
  entrypoint: 'java',
  nativeMissing: () => {
    if (findProgram('java') === undefined) return 'a Java runtime, 17 or newer (Debian: default-jre-headless)'
    if (existsSync(cachedPath(LIBS)) || findProgram('mvn') !== undefined) return undefined
    return 'Maven to download its jars (Debian: maven)'
  },
  native: async () => {
    await kafkaJars()
    return findProgram('java') ?? 'java'
  },
}

/** One KRaft broker of Kafka on a free port of 127.0.0.1, without topics; ready to serve. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  const dataDir = await newDataDir('kafka')
  const [port, controllerPort] = [await freePort(), await freePort()]
  const config = join(dataDir, 'server.properties')
  const fastTimeouts = options.fastTimeouts ?? true
  const securedPorts = { saslSsl: await freePort(), ssl: await freePort() }
  const { security } = options
  const secured = security === undefined ? undefined : await kafkaSecurityFiles(security, dataDir, securedPorts)
  const base = brokerProperties({ port, controllerPort, dataDir, fastTimeouts })
  const properties = { ...base, ...secured?.properties, ...withListeners(base, secured), ...options.properties }
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`)
  await writeFile(config, lines.join(''))

  // An id that begins with a dash would be taken for an option.
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A')
  const format = ['format', '--standalone', '--cluster-id', clusterId, '--config', config]
  format.push(...(secured?.formatArgs ?? []))
  const formatCommand = await javaCommand(['kafka.tools.StorageTool', ...format], dataDir)
  await runTool(formatCommand.file, formatCommand.args, { timeoutMs: 180_000, cwd: dataDir })

  const server = new ServerProcess({
    name: 'kafka',
    dataDir,
    ports: [port, controllerPort],
    command: await javaCommand([...(secured?.jvmArgs ?? []), 'kafka.Kafka', config], dataDir),
    ready: () => metadataHasBroker(port),
    startMsMax: 120_000,
    stopMsMax: 30_000,
  })
  await server.start()
  const bootstrapServers = `127.0.0.1:${port}`
  if (secured === undefined) return handleOf(server, { bootstrapServers })
  const at = { saslSsl: `127.0.0.1:${securedPorts.saslSsl}`, ssl: `127.0.0.1:${securedPorts.ssl}` }
  return handleOf(server, { bootstrapServers, secured: at })
}

function withListeners(
  base: Readonly<Record<string, string>>,
  secured: KafkaSecurityFiles | undefined,
): Readonly<Record<string, string>> {
  if (secured === undefined) return {}
  const listeners = `${base['listeners']},${secured.listeners}`
  return { listeners, 'advertised.listeners': listeners }
}

/** Downloads Kafka's jars into the cache when they are not there; resolves to their folder. */
function kafkaJars(): Promise<string> {
  return ensureCached(LIBS, async (scratch) => {
    await writeFile(join(scratch, 'pom.xml'), pomXml())
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${scratch}`, '-DincludeScope=runtime']
    await runTool('mvn', ['-B', '-ntp', '-q', ...goal], { timeoutMs: 10 * 60_000, cwd: scratch })
    await rm(join(scratch, 'pom.xml'))
  })
}

/** How a class of the jars is run. */
export async function javaCommand(mainAndArgs: readonly string[], dataDir: string): ReturnType<typeof serverCommand> {
  const inImage = await serverCommand(kafkaRecipe, [], { dataDir })
  const jars = inImage.container === undefined ? join(await kafkaJars(), '*') : '/opt/kafka/libs/*'
  return serverCommand(kafkaRecipe, [...JVM, '-cp', jars, ...mainAndArgs], { dataDir })
}

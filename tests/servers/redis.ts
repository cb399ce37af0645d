import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Certificate } from './certificates.ts'
import { serverCommand } from './engine.ts'
import type { ServerRecipe } from './engine.ts'
import { freePort } from './ports.ts'
import { redisProgram, redisMissing } from './redis-install.ts'
import { askRedis } from './redis-wire.ts'
import { handleOf, newDataDir, ServerProcess } from './server-process.ts'
import type { ServerHandle } from './server-process.ts'

export interface RedisSettings {
  readonly url: string
  /** With `certificate`. */
  readonly tlsUrl?: string
}

export interface RedisOptions {
  /** Keep an append-only file, so that `restart` and `kill` + `start` bring the data back (default false). */
  readonly appendOnly?: boolean
  /** Memory at which writes are refused, as `maxmemory` takes it; unlimited by default. */
  readonly maxMemory?: string
  /** Speak TLS on a port of its own. */
  readonly certificate?: Certificate
  /** Users, as an `aclfile` holds them; the default one may then be off. */
  readonly acl?: string
}

export interface RedisServer extends ServerHandle<RedisSettings> {
  /** Deletes every key, as a server lost and replaced would have. */
  flush(): Promise<void>
}

export const redisRecipe: ServerRecipe = {
  name: 'redis',
  image: 'redis:7.2.7',
  entrypoint: 'redis-server',
  nativeMissing: redisMissing,
  native: redisProgram,
}

/** An empty Redis on a free port of 127.0.0.1 that refuses writes rather than evict; ready to serve. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const dataDir = await newDataDir('redis')
  const [port, tlsPort] = [await freePort(), await freePort()]
  const config: readonly (readonly [string, string])[] = [
    ['port', String(port)],
    ['bind', '127.0.0.1'],
    ['dir', dataDir],
    ['save', ''],
    ['appendonly', options.appendOnly === true ? 'yes' : 'no'],
    ['maxmemory-policy', 'noeviction'],
    ['maxmemory', options.maxMemory ?? '0'],
    ['pidfile', join(dataDir, 'redis.pid')],
    ...(await securityConfig(options, dataDir, tlsPort)),
  ]
  const args = config.flatMap(([name, value]) => [`--${name}`, value])
  const server = new ServerProcess({
    name: 'redis',
    dataDir,
    ports: [port],
    command: await serverCommand(redisRecipe, args, { dataDir }),
    ready: () => serves(port),
    // SIGTERM is refused while the append-only file is rewritten; whoever is nobody may not say SHUTDOWN.
    ...(options.acl === undefined ? { askToStop: async () => void (await askRedis(port, 'SHUTDOWN NOSAVE')) } : {}),
    startMsMax: 120_000,
    stopMsMax: 10_000,
  })
  await server.start()
  const tls = options.certificate === undefined ? {} : { tlsUrl: `rediss://127.0.0.1:${tlsPort}` }
  return Object.assign(handleOf(server, { url: `redis://127.0.0.1:${port}`, ...tls }), {
    flush: async () => {
      await askRedis(port, 'FLUSHALL')
    },
  })
}

async function securityConfig(
  { certificate, acl }: RedisOptions,
  dataDir: string,
  tlsPort: number,
): Promise<(readonly [string, string])[]> {
  const config: (readonly [string, string])[] = []
  if (certificate !== undefined) {
    config.push(['tls-port', String(tlsPort)], ['tls-auth-clients', 'no'])
    config.push(['tls-cert-file', certificate.certPath], ['tls-key-file', certificate.keyPath])
  }
  if (acl !== undefined) {
    const path = join(dataDir, 'users.acl')
    await writeFile(path, acl)
    config.push(['aclfile', path])
  }
  return config
}

/** A refusal for want of a password is an answer too. */
async function serves(port: number): Promise<boolean> {
  try {
    return (await askRedis(port, 'PING')) === '+PONG'
  } catch (error) {
    return error instanceof Error && /^(NOAUTH|NOPERM)/.test(error.message)
  }
}

import { join } from 'node:path'
import { serverCommand } from './engine.ts'
import type { ServerRecipe } from './engine.ts'
import { freePort } from './ports.ts'
import { redisProgram, redisMissing } from './redis-install.ts'
import { askRedis } from './redis-wire.ts'
import { handleOf, newDataDir, ServerProcess } from './server-process.ts'
import type { ServerHandle } from './server-process.ts'

export interface RedisSettings {
  readonly url: string
}

export interface RedisOptions {
  /** Keep an append-only file, so that `restart` and `kill` + `start` bring the data back (default false). */
  readonly appendOnly?: boolean
  /** Memory at which writes are refused, as `maxmemory` takes it; unlimited by default. */
  readonly maxMemory?: string
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
  const port = await freePort()
  const config: readonly (readonly [string, string])[] = [
    ['port', String(port)],
    ['bind', '127.0.0.1'],
    ['dir', dataDir],
    ['save', ''],
    ['appendonly', options.appendOnly === true ? 'yes' : 'no'],
    ['maxmemory-policy', 'noeviction'],
    ['maxmemory', options.maxMemory ?? '0'],
    ['pidfile', join(dataDir, 'redis.pid')],
  ]
  const args = config.flatMap(([name, value]) => [`--${name}`, value])
  const server = new ServerProcess({
    name: 'redis',
    dataDir,
    ports: [port],
    command: await serverCommand(redisRecipe, args, { dataDir }),
    ready: async () => (await askRedis(port, 'PING')) === '+PONG',
    // SIGTERM is refused while the append-only file is rewritten.
    askToStop: async () => {
      await askRedis(port, 'SHUTDOWN NOSAVE')
    },
    startMsMax: 20_000,
    stopMsMax: 10_000,
  })
  await server.start()
  return Object.assign(handleOf(server, { url: `redis://127.0.0.1:${port}` }), {
    flush: async () => {
      await askRedis(port, 'FLUSHALL')
    },
  })
}

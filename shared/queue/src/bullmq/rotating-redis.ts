import { Redis, type AbstractConnector, type RedisOptions } from 'ioredis'

/** Who we are to Redis and whom we trust, for the next connection. */
export interface RedisIdentity {
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** With TLS (`rediss://`): PEM texts. */
  readonly tls?:
    | { readonly ca?: string | undefined; readonly cert?: string | undefined; readonly key?: string | undefined }
    | undefined
}

/** Everything but who we are. */
export type ConnectionOptions = Omit<RedisOptions, 'replyMapping' | 'username' | 'password' | 'tls'>

/** A client that asks who it is at every connection, reconnections and BullMQ's duplicates included: what was rotated counts from then on. */
export function rotatingRedis(url: string, options: ConnectionOptions, identity: () => RedisIdentity): Redis {
  return connecting(new Redis(url, { ...options, lazyConnect: true }), identity)
}

/** Takes a client that has not begun to connect, and begins. */
function connecting(client: Redis, identity: () => RedisIdentity): Redis {
  const connect = client.connect.bind(client)
  const duplicate = client.duplicate.bind(client)
  client.connect = (callback) => {
    takeUp(client.options, identity())
    return connect(callback)
  }
  const followed = (override?: ConnectionOptions): Redis =>
    connecting(duplicate({ ...override, lazyConnect: true }), identity)
  client.duplicate = followed
  deafenSockets(client)
  // Failures are told as events, and tried again.
  client.connect().catch(() => undefined)
  return client
}

/**
 * The client listens for one error of each socket. TLS may tell another after it (a certificate nobody trusts, then the server's alert), and a
 * socket's error that nobody hears ends the process.
 */
function deafenSockets(client: Redis): void {
  const connector = client['connector'] as AbstractConnector
  const connect = connector.connect.bind(connector)
  connector.connect = async (emit) => {
    const socket = await connect(emit)
    socket.on('error', () => undefined)
    return socket
  }
}

function takeUp(options: RedisOptions, { username, password, tls }: RedisIdentity): void {
  if (username !== undefined) options.username = username
  if (password !== undefined) options.password = password
  if (tls === undefined || options.tls === undefined) return
  const given = Object.entries(tls).filter((entry): entry is [string, string] => entry[1] !== undefined)
  options.tls = { ...options.tls, ...Object.fromEntries(given) }
}

import { connect } from 'node:net'

const ANSWER_MS_MAX = 2_000
const AUTHENTICATION = 'R'.charCodeAt(0)

/**
 * Whether a client is asked to authenticate: while the server starts it accepts connections and answers with an error.
 *
 *     StartupMessage => size:int32 protocol:int32=3<<16 ("user" NUL name NUL) NUL
 *     answer         => 'R' Authentication… | 'E' ErrorResponse
 */
export function postgresServes(port: number, user: string): Promise<boolean> {
  const parameters = Buffer.from(`user\0${user}\0\0`)
  const request = Buffer.alloc(8 + parameters.length)
  request.writeInt32BE(request.length, 0)
  request.writeInt32BE(3 << 16, 4)
  parameters.copy(request, 8)
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const finish = (serves: boolean): void => {
      socket.destroy()
      resolve(serves)
    }
    socket.setTimeout(ANSWER_MS_MAX, () => {
      finish(false)
    })
    socket.on('connect', () => socket.write(request))
    socket.on('error', () => {
      finish(false)
    })
    socket.on('close', () => {
      finish(false)
    })
    socket.on('data', (chunk: Buffer) => {
      finish(chunk[0] === AUTHENTICATION)
    })
  })
}

import { connect } from 'node:net'

const ANSWER_MS_MAX = 2_000

/**
 * Whether a Metadata request is answered with at least one broker: an open port alone is not a broker yet.
 *
 *     Metadata request v1   => size:int32 api_key:int16=3 version:int16=1 correlation:int32 client_id:int16=-1 topics:int32=0
 *     Metadata response v1  => size:int32 correlation:int32 brokers:int32 …
 */
export function metadataHasBroker(port: number): Promise<boolean> {
  const request = Buffer.alloc(18)
  request.writeInt32BE(14, 0)
  request.writeInt16BE(3, 4)
  request.writeInt16BE(1, 6)
  request.writeInt32BE(7, 8)
  request.writeInt16BE(-1, 12)
  request.writeInt32BE(0, 14)
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let answer = Buffer.alloc(0)
    const finish = (served: boolean): void => {
      socket.destroy()
      resolve(served)
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
      answer = Buffer.concat([answer, chunk])
      if (answer.length >= 12) finish(answer.readInt32BE(4) === 7 && answer.readInt32BE(8) > 0)
    })
  })
}

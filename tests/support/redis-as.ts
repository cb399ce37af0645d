import { connect } from 'node:net'

/** Runs one inline command as a user and resolves to the first line of its answer. */
export function redisAs(port: number, user: string, password: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let answer = ''
    socket.setTimeout(5_000, () => socket.destroy(new Error(`no answer to ${command}`)))
    socket.on('connect', () => socket.write(`AUTH ${user} ${password}\r\n${command}\r\n`))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`closed after ${answer}`)))
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString()
      const lines = answer.split('\r\n')
      if (lines.length < 3) return
      socket.removeAllListeners('close').destroy()
      resolve(lines[1] ?? '')
    })
  })
}

import { connect } from 'node:net'

const ANSWER_MS_MAX = 5_000

/**
 * Sends one inline command (RESP § Inline commands) and resolves to the first line of the answer; to an empty string when the
 * server closes instead, as it does for SHUTDOWN. Rejects when it cannot be reached or stays silent.
 */
export function askRedis(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let answer = ''
    socket.setTimeout(ANSWER_MS_MAX, () => {
      socket.destroy(new Error(`no answer to ${command}`))
    })
    socket.on('connect', () => socket.write(`${command}\r\n`))
    socket.on('error', reject)
    socket.on('close', () => {
      resolve('')
    })
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString()
      const end = answer.indexOf('\r\n')
      if (end === -1) return
      socket.destroy()
      const line = answer.slice(0, end)
      if (line.startsWith('-')) reject(new Error(line.slice(1)))
      else resolve(line)
    })
  })
}

/** `INFO` of a section by name: `used_memory` of `memory`. */
export function redisInfo(port: number, section: string): Promise<ReadonlyMap<string, string>> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let answer = ''
    socket.setTimeout(ANSWER_MS_MAX, () => {
      socket.destroy(new Error(`no answer to INFO ${section}`))
    })
    socket.on('connect', () => socket.write(`INFO ${section}\r\n`))
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString()
      const [, length = '', body = ''] = /^\$(\d+)\r\n([\s\S]*)\r\n$/.exec(answer) ?? []
      if (length === '' || body.length < Number(length)) return
      socket.destroy()
      const lines = body.split('\r\n').filter((line) => /^[a-z_]+:/.test(line))
      resolve(new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)])))
    })
  })
}

import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { createJsonLog, Redaction } from '../src/index.ts'

function logOf(redaction: Redaction): { lines: string[]; log: ReturnType<typeof createJsonLog> } {
  const lines: string[] = []
  const log = createJsonLog({
    level: 'info',
    secrets: redaction,
    destination: { write: (line) => void lines.push(line) },
  })
  return { lines, log }
}

test('a password is hidden as it is, in JSON, in a URL, and inside the URL it was given in', () => {
  const { lines, log } = logOf(new Redaction(['pa"ss\\word', 'rediss://writer:p%40ss+w0rd@redis:6380/0']))
  log.warn({ error: new Error('AUTH pa"ss\\word failed') }, 'plain')
  log.warn({ url: 'http://x/?p=pa%22ss%5Cword' }, 'encoded')
  log.warn({ tried: 'p@ss+w0rd', as: 'p%40ss+w0rd', whole: 'rediss://writer:p%40ss+w0rd@redis:6380/0' }, 'of a URL')
  const all = lines.join('')
  for (const form of ['word', 'w0rd']) expect(all).not.toContain(form)
  expect(all).toContain('[redacted]')
})

test('a private key is hidden whole and line by line', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const { lines, log } = logOf(new Redaction([pem]))
  const [, second = '', third = ''] = pem.split('\n')
  log.error({ pem, piece: `near "${second}"` }, `could not parse ${third}`)
  for (const line of pem.split('\n').slice(1, -2)) expect(lines.join('')).not.toContain(line)
})

test('what a secret is rotated to is hidden from then on, and so is what it was', () => {
  const redaction = new Redaction(['before-rotation'])
  const { lines, log } = logOf(redaction)
  redaction.hide('after-rotation')
  redaction.hidePassing('a.passing.token')
  log.info({}, 'before-rotation after-rotation a.passing.token')
  expect(lines.join('')).toContain('[redacted] [redacted] [redacted]')
})

test('passing tokens have a bound, settings outlive it', () => {
  const redaction = new Redaction(['the-password'])
  for (let index = 0; index <= 256; index++) redaction.hidePassing(`token-${index}-end`)
  expect(redaction.apply('the-password token-0-end token-256-end')).toBe('[redacted] token-0-end [redacted]')
})

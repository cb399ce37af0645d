import { inspect } from 'node:util'
import { systemClock } from '@silt/core'
import { describe, expect, it } from 'vitest'
import { redisError } from '../../src/bullmq/redis-error.ts'
import { BullmqQueueProvider } from '../../src/bullmq/index.ts'

describe('redis errors', () => {
  it('become the error kinds of the port', () => {
    const codeOf = (message: string): string => redisError(new Error(message), 'add a job').code
    expect(codeOf("OOM command not allowed when used memory > 'maxmemory'.")).toBe('queue/full')
    expect(codeOf('WRONGPASS invalid username-password pair or user is disabled.')).toBe('queue/denied')
    expect(codeOf("NOPERM User silt has no permissions to run the 'eval' command")).toBe('queue/denied')
    expect(codeOf('connect ECONNREFUSED 127.0.0.1:6379')).toBe('queue/unavailable')
    expect(codeOf('LOADING Redis is loading the dataset in memory')).toBe('queue/unavailable')
  })

  it('name the setting: a password, an ACL, an authority, a host name', () => {
    const told = (message: string, code?: string): string =>
      redisError(Object.assign(new Error(message), code === undefined ? {} : { code }), 'reach Redis').message
    expect(told('WRONGPASS invalid username-password pair')).toContain('REDIS_USERNAME and REDIS_PASSWORD')
    expect(told('NOPERM No permissions to access a key')).toContain('deploy/policies/redis')
    expect(told('self-signed certificate in certificate chain', 'SELF_SIGNED_CERT_IN_CHAIN')).toContain('REDIS_CA')
    const wrongHost = redisError(Object.assign(new Error('x'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }), 'reach Redis')
    expect(wrongHost).toMatchObject({ kind: 'invalid', code: 'queue/denied' })
    expect(wrongHost.message).toContain('correct REDIS_URL')
  })

  it('leave the arguments of the command behind', () => {
    const vendor = Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: ['user', 'secret'] } })
    expect(inspect(redisError(vendor, 'reach Redis'), { depth: 10, showHidden: true })).not.toContain('secret')
  })

  it('refuse a malformed URL without repeating it', () => {
    for (const redisUrl of ['', 'localhost:6379', 'http://:secret@host', 'redis://:secret@'])
      try {
        new BullmqQueueProvider({ redisUrl, clock: systemClock, onError: () => undefined })
        expect.unreachable()
      } catch (error) {
        expect(error).toMatchObject({ code: 'queue/denied', kind: 'invalid' })
        expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('secret')
      }
  })
})

import type { RedisProbe, RedisServer } from '@silt/queue/redis'
import { clockFinding } from './clock-finding.ts'
import { fail, ok, skip, warn, type Finding } from './finding.ts'
import type { Check } from './run-checks.ts'

const slowPingMs = 50
const fullShare = 0.8

/** Queues are what every actor shares, so each needs the same of Redis. */
export function redisChecks(probe: RedisProbe, queue: string): readonly Check[] {
  const needs = ['redis']
  return [
    { name: 'redis', run: async () => [pingFinding(await probe.pingMs())] },
    { name: 'redis policy', needs, run: async () => serverFindings(await probe.server()) },
    { name: 'redis rights', needs, run: async () => [rightsFinding(await probe.refusedCommands(queue))] },
    { name: 'clock redis', needs, run: async () => [clockCompared(await probe.clockAheadMs())] },
  ]
}

function clockCompared(aheadMs: number | undefined): Finding {
  return aheadMs === undefined
    ? skip('clock redis', 'not compared: this Redis tells no time in INFO')
    : clockFinding('redis', aheadMs, 1)
}

export function pingFinding(ms: number): Finding {
  const answers = `answers in ${ms.toFixed(1)} ms`
  return ms <= slowPingMs
    ? ok('redis', answers)
    : warn('redis', answers, 'put Redis near the actors: every job costs several such trips')
}

export function serverFindings(server: RedisServer): readonly Finding[] {
  const findings: Finding[] = []
  const major = Number(server.version.split('.')[0])
  if (server.role === 'slave')
    findings.push(fail('redis role', 'this is a replica, which takes no writes', 'point REDIS_URL at the primary'))
  findings.push(
    major >= 6
      ? ok('redis version', server.version)
      : fail('redis version', `${server.version} is too old`, 'run Redis 6.2 or newer, or Valkey'),
  )
  findings.push(
    server.policy === undefined || server.policy === 'noeviction'
      ? ok('redis policy', `maxmemory-policy ${server.policy ?? 'unknown'}`)
      : fail(
          'redis policy',
          `maxmemory-policy is ${server.policy}: Redis may drop single keys of a queue, which stalls it`,
          'set maxmemory-policy noeviction',
        ),
  )
  if (server.limitBytes > 0 && server.usedBytes > server.limitBytes * fullShare)
    findings.push(
      warn(
        'redis memory',
        `${Math.round((100 * server.usedBytes) / server.limitBytes)} % of maxmemory is used`,
        'raise maxmemory, or find what else fills it',
      ),
    )
  return findings
}

export function rightsFinding(refused: readonly string[] | undefined): Finding {
  if (refused === undefined)
    return skip('redis rights', 'which commands the ACL lets run cannot be asked: Redis 7 or newer can tell')
  return refused.length === 0
    ? ok('redis rights', 'the ACL lets every command of the queues run')
    : fail(
        'redis rights',
        `the ACL refuses ${refused.join(', ')} on keys of the queues`,
        'grant them on ~{silt}:*; deploy/policies/redis has what each actor needs',
      )
}

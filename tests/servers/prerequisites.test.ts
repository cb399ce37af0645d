import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const prebuild = fileURLToPath(new URL('prebuild.ts', import.meta.url))

test('a machine without any tool is told what to install for each server', () => {
  const env = { PATH: '/nonexistent', SILT_SERVERS_CACHE: '/nonexistent/cache' }
  const { status, stderr } = spawnSync(process.execPath, [prebuild], { env, encoding: 'utf8', timeout: 120_000 })
  expect(stderr.trim().split('\n')).toEqual([
    'redis needs redis-server (Debian: redis-server), or a running Docker engine',
    'postgres needs a PostgreSQL server (Debian: postgresql), or a running Docker engine',
    'prometheus needs prometheus and promtool (Debian: prometheus), or a running Docker engine',
    'kafka needs a Java runtime, 17 or newer (Debian: default-jre-headless), or a running Docker engine',
    'versitygw needs Go to build it (Debian: golang), or a running Docker engine',
    'minio needs Go to build it (Debian: golang), or a running Docker engine',
    'mc needs Go to build it (Debian: golang), or a running Docker engine',
    'helm needs Go to build it (Debian: golang)',
  ])
  expect(status).toBe(3)
})

test('an engine that does not exist is refused by the name of its setting', () => {
  const env = { SILT_SERVERS: 'podmann', SILT_SERVERS_CACHE: '/nonexistent/cache' }
  const { status, stderr } = spawnSync(process.execPath, [prebuild], { env, encoding: 'utf8', timeout: 120_000 })
  expect(stderr).toContain('SILT_SERVERS is podmann')
  expect(status).toBe(1)
})

import { kafkaJars } from './kafka.ts'
import { minioProgram } from './minio.ts'
import { redisProgram } from './redis-install.ts'
import { versitygwProgram } from './versitygw.ts'

// One after the other: each is a build that uses every core.
for (const [name, build] of [
  ['redis', redisProgram],
  ['kafka', kafkaJars],
  ['versitygw', versitygwProgram],
  ['minio', minioProgram],
] as const) {
  const startedMs = performance.now()
  const path = await build()
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  process.stdout.write(`${name} ready after ${seconds} s: ${path}\n`)
}

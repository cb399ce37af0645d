import { createHash } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock, systemRandom } from '@silt/core'
import { openStore } from '@silt/object-store'
import { makeAuthority } from '../servers/certificates.ts'
import { startMinio } from '../servers/minio.ts'
import type { S3Settings } from '../servers/s3-settings.ts'

// How long the event loop of a process stands still while it puts large objects into MinIO, by http and by https:
// `npm run drill:puts --workspace tests`. Ends with 1 where one turn takes more than 50 ms of CPU. Wall time is told too; what the same loop shows
// beside nothing (0 objects) is what other processes of the machine took.
const turnMsMax = 50
const mib = 2 ** 20
const objectBytes = 64 * mib
const rounds = 5

const authority = await makeAuthority()
const certificate = await authority.issue('minio', 'IP:127.0.0.1')
const plain = await startMinio()
const encrypted = await startMinio({ tls: { authority, certificate } })
let worstMs = 0
try {
  console.log(
    '| store | objects of 64 MiB at a time | longest turn, ms of CPU | ms of wall time | CPU, ms/MiB | MiB/s |',
  )
  console.log('|---|---|---|---|---|---|')
  for (const [name, server] of Object.entries({ http: plain, https: encrypted }))
    for (const objects of [0, 1, 4]) worstMs = Math.max(worstMs, await measured(name, server.settings, objects))
} finally {
  await Promise.all([plain.dispose(), encrypted.dispose(), authority.dispose()])
}
process.exitCode = worstMs > turnMsMax ? 1 : 0

/** Returns the CPU time of the longest turn of all rounds but the first, which compiles, ms. */
async function measured(name: string, settings: S3Settings, objects: number): Promise<number> {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey, ca } = settings
  const s3 = { endpoint, region, ca, credentials: { accessKeyId, secretAccessKey }, allowHttp: true }
  const store = openStore(`s3://${bucket}/puts`, s3, { clock: systemClock, random: systemRandom })
  const body = distinct(objectBytes)
  const putAll = async (): Promise<void> => {
    if (objects === 0) await delay(400)
    await Promise.all(Array.from({ length: objects }, (_, index) => store.put(`${objects}/${index}`, body)))
  }
  await putAll()
  const turns = watchTurns()
  await delay(20)
  turns.reset()
  await delay(20)
  const [startMs, before] = [performance.now(), process.cpuUsage()]
  for (let round = 0; round < rounds; round++) await putAll()
  const [wallMs, used] = [performance.now() - startMs, process.cpuUsage(before)]
  await delay(20)
  const { cpuMs, turnMs } = turns.end()
  await store.close()
  const putMib = (rounds * objects * objectBytes) / mib
  const usedMs = (used.user + used.system) / 1000
  const rates = objects === 0 ? ['', ''] : [(usedMs / putMib).toFixed(2), ((putMib / wallMs) * 1000).toFixed(0)]
  const figures = [cpuMs.toFixed(1), turnMs.toFixed(1), ...rates]
  console.log(`| ${[name, objects, ...figures].join(' | ')} |`)
  return cpuMs
}

/** The longest time between two turns, by this thread's CPU and by the wall. What begins before the first turn after `reset` is not seen. */
function watchTurns(): { reset(): void; end(): { readonly cpuMs: number; readonly turnMs: number } } {
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  histogram.enable()
  let cpuMs = 0
  let lastMs = threadCpuMs()
  const timer = setInterval(() => {
    const nowMs = threadCpuMs()
    cpuMs = Math.max(cpuMs, nowMs - lastMs)
    lastMs = nowMs
  }, 1)
  return {
    reset: () => {
      histogram.reset()
      cpuMs = 0
    },
    end: () => {
      clearInterval(timer)
      histogram.disable()
      return { cpuMs, turnMs: histogram.max / 1e6 }
    },
  }
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** No two parts alike, so that nothing on the way can make less of them. */
function distinct(bytes: number): Buffer {
  const body = Buffer.alloc(bytes)
  for (let start = 0; start < bytes; start += 4096)
    createHash('sha256').update(String(start)).digest().copy(body, start)
  return body
}

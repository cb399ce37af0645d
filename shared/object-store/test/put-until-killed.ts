// A process that puts objects into the folder of its first argument until it is killed; says each name once it is durable.
import { systemClock, systemRandom } from '@silt/core'
import { LocalStore } from '../src/local-store.ts'

const [folder = '', run = ''] = process.argv.slice(2)
const store = new LocalStore({ folder, clock: systemClock, random: systemRandom })

for (let index = 0; ; index++) {
  const key = `run=${run}/${index}`
  const body = Buffer.alloc(150_000, `${key} `)
  if (index % 2 === 0) await store.putIfAbsent(key, body)
  else await store.put(key, body)
  process.stdout.write(`${key}\n`)
}

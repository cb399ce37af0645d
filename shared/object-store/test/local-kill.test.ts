import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock, systemRandom } from '@silt/core'
import { expect, test } from 'vitest'
import { LocalStore } from '../src/local-store.ts'

test('a process killed while it puts leaves whole objects only, and every one it had answered for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'silt-kill-'))
  const answered: string[] = []
  for (let run = 0; run < 3; run++) answered.push(...(await killAfter(folder, run, 3 + 4 * run)))

  const store = new LocalStore({ folder, clock: systemClock, random: systemRandom })
  const listed: string[] = []
  for await (const { key } of store.list('')) {
    listed.push(key)
    const found = await store.get(key)
    const whole = Buffer.alloc(150_000, `${key} `)
    expect(found.kind === 'found' && Buffer.compare(found.body, whole), key).toBe(0)
  }
  expect(listed).toEqual(expect.arrayContaining(answered))
  expect(answered.length).toBeGreaterThanOrEqual(3 + 7 + 11)
  await rm(folder, { recursive: true })
})

/** Kills the process once it has answered for `objectsMin` objects; returns those it answered for. */
async function killAfter(folder: string, run: number, objectsMin: number): Promise<string[]> {
  const script = fileURLToPath(new URL('put-until-killed.ts', import.meta.url))
  const child = spawn(process.execPath, [script, folder, String(run)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString()
    if (output.split('\n').length > objectsMin) child.kill('SIGKILL')
  })
  await new Promise((resolve) => child.once('close', resolve))
  return output.split('\n').slice(0, -1)
}

#!/usr/bin/env node
// Plain JavaScript for any Node from 18 on. Silt itself is TypeScript, which only a newer Node runs.
import { spawn } from 'node:child_process'
import module from 'node:module'
import { fileURLToPath } from 'node:url'
import { findRightNode, isRightNode, rightNodeMissing } from './right-node.js'

if (isRightNode()) {
  endWithLauncher()
  keepCompiled()
  await import('../src/main.ts')
} else {
  relaunch()
}

function relaunch() {
  const node = findRightNode()
  if (node === undefined) {
    console.error(rightNodeMissing())
    process.exit(1)
  }
  const launcher = fileURLToPath(import.meta.url)
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc']
  const child = spawn(node, [launcher, ...process.argv.slice(2)], { stdio })
  child.once('error', (error) => {
    console.error(`silt: cannot run ${node}: ${error.message}`)
    process.exit(1)
  })
  // A terminal, systemd and timeout signal both processes, and a second signal means "at once": what is passed on goes as a message,
  // so that it is not taken for a second one.
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.connected && child.send(signal))
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  process.on('SIGHUP', () => {
    if (!onTerminal) child.kill('SIGHUP')
  })
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

// Types are stripped and code is compiled at each start and again in each thread, unless what was made before is found: half of a start's processor time,
// 20 MB of a process and 8 of a thread. Where the folder cannot be written Silt does without.
function keepCompiled() {
  // Threads look for it in the environment.
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../node_modules/.cache/silt', import.meta.url))
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE)
}

// A launcher that is killed takes the real process along: the channel between them closes with it.
function endWithLauncher() {
  if (process.channel === undefined) return
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.channel.unref()
}

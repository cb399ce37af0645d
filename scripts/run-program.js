// Plain JavaScript for any Node from 20 on.
import { spawn } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { findRightNode } from '../cli/bin/right-node.js'

export const root = join(import.meta.dirname, '..')

/** The environment in which programs of the tests run: the Node that Silt needs comes first, nothing reports home. */
function testEnvironment() {
  const node = findRightNode()
  // A Python prepared for the tests is the `python3` they find.
  const python = process.env.SILT_TEST_PYTHON
  const path = [
    ...(python ? [dirname(python)] : []),
    join(root, 'node_modules', '.bin'),
    ...(node ? [dirname(node)] : []),
    process.env.PATH,
  ]
  const quiet = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', NO_UPDATE_NOTIFIER: '1' }
  return { ...process.env, ...quiet, PATH: path.join(delimiter), NODE_ENV: 'test' }
}

/** Runs a program in the project's folder with its output shown; resolves to its exit code, or 124 when it took too long. */
export function runProgram(file, args, { minutesMax, env = {} }) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, stdio: 'inherit', env: { ...testEnvironment(), ...env } })
    const forward = (signal) => child.kill(signal)
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, forward)
    let late = false
    const timer = setTimeout(() => {
      late = true
      console.error(
        `${file} ${args.join(' ')}: stopped after ${minutesMax} minutes; is the machine busy with something else?`,
      )
      child.kill('SIGTERM')
      setTimeout(() => child.kill('SIGKILL'), 10_000).unref()
    }, minutesMax * 60_000)
    const finish = (code) => {
      clearTimeout(timer)
      for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, forward)
      resolve(late ? 124 : code)
    }
    child.once('error', (error) => {
      console.error(`${file}: ${error.message}`)
      finish(127)
    })
    child.once('exit', (code) => finish(code ?? 1))
  })
}

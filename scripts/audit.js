// Plain JavaScript for any Node from 20 on: asks the registry for known vulnerabilities of the packages that ship with Silt.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const COULD_NOT_RUN = 3
const FATAL = ['moderate', 'high', 'critical']

const folder = process.argv[2] ?? join(import.meta.dirname, '..')
const outcome = judge(askRegistry())
for (const line of outcome.lines) console.error(line)
process.exitCode = outcome.code

function askRegistry() {
  const args = ['audit', '--omit=dev', '--package-lock-only', '--json']
  // npm tells its scripts where its own program is; without npm around this script, the one on PATH runs.
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm']
  const { stdout, error } = spawnSync(npm[0], [...npm.slice(1), ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
    shell: process.platform === 'win32' && npm.length === 1,
  })
  if (error) return { message: error.message }
  try {
    return JSON.parse(stdout)
  } catch {
    return { message: 'npm audit answered no JSON' }
  }
}

function judge(report) {
  if (report.vulnerabilities === undefined) return unanswered(report.message ?? report.error?.summary ?? 'no answer')
  const found = Object.values(report.vulnerabilities)
  const lines = found.map(({ name, severity, range, via }) => `${severity}: ${name} ${range} ${titles(via)}`)
  return { code: found.some(({ severity }) => FATAL.includes(severity)) ? 1 : 0, lines }
}

// Not every registry answers; where one does, SILT_AUDIT=required makes its silence a failure.
function unanswered(reason) {
  const required = process.env.SILT_AUDIT === 'required'
  return { code: required ? 1 : COULD_NOT_RUN, lines: [`dependency audit: could not be made: ${reason}`] }
}

function titles(via) {
  return via.map((each) => (typeof each === 'string' ? `by ${each}` : `${each.title} (${each.url})`)).join('; ')
}

// Plain JavaScript for any Node from 20 on: it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/**
 * Runs `npm ci` when what package-lock.json asks for is not what is installed; returns whether it is installed now.
 * `dev` asks for the development packages too, whatever NODE_ENV says; without it those that are there stay.
 */
export function ensureInstalled({ dev }) {
  if (isInstalled({ dev })) return true
  const withDev = dev || hasDevPackages()
  const args = ['ci', withDev ? '--include=dev' : '--omit=dev', '--no-audit', '--no-fund']
  console.error(`silt: installing packages (npm ${args.join(' ')})`)
  // npm tells its scripts where its own program is; without npm around this script, the one on PATH runs.
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm']
  const { status, error } = spawnSync(npm[0], [...npm.slice(1), ...args], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32' && npm.length === 1,
  })
  if (status === 0) return true
  console.error(
    `silt: npm ci failed${error ? ` (${error.message})` : ''}. Its messages above say why; a registry out of`,
  )
  console.error('reach is the usual cause. Nothing was started.')
  return false
}

/** Compares the lock file with npm's record of what it installed: dates would lie after a checkout. */
export function isInstalled({ dev }, folder = root) {
  const wanted = readPackages(join(folder, 'package-lock.json'))
  const installed = readPackages(join(folder, 'node_modules', '.package-lock.json'))
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules/')) return true
    // Optional packages for other platforms are left out by npm itself.
    if (entry.optional || entry.devOptional || entry.peer || (entry.dev && !dev)) return true
    return installed[path] !== undefined && installed[path].version === entry.version
  })
}

function hasDevPackages() {
  const wanted = readPackages(join(root, 'package-lock.json'))
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'))
  return Object.keys(installed).some((path) => wanted[path]?.dev === true)
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {}
  } catch {
    return {}
  }
}

// Plain JavaScript for any Node from 20 on: every package that ships with Silt has a licence that allows it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
])

/** Whether an SPDX expression can be met by allowed licences alone. */
export function isAllowed(expression) {
  const plain = expression.replaceAll(/[()]/g, ' ').trim()
  return plain.split(/\s+OR\s+/i).some((choice) => choice.split(/\s+AND\s+/i).every((id) => ALLOWED.has(id.trim())))
}

/** The faults of a lock file: shipped packages whose licence is unknown or not allowed. */
export function licenceFaults(lock) {
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path.includes('node_modules/') && !entry.dev && !entry.link)
    .filter(([, entry]) => typeof entry.license !== 'string' || !isAllowed(entry.license))
    .map(([path, entry]) => `${path}@${entry.version}: ${entry.license ?? 'no licence stated'}`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const lock = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8'))
  const faults = licenceFaults(lock)
  for (const fault of faults) console.error(`not allowed to ship: ${fault}`)
  process.exitCode = faults.length === 0 ? 0 : 1
}

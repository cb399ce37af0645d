// Plain JavaScript for any Node from 20 on: every package that ships with Silt, and every tool it is made with, has a licence that allows it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const SHIPPED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT']
/** Tools stay here: what asks for the sources of changes to itself alone is no burden to whoever runs Silt. */
const TOOLS = [...SHIPPED, 'BlueOak-1.0.0', 'CC0-1.0', 'MIT-0', 'MPL-2.0', 'Python-2.0', 'Unlicense', 'Zlib']

/** What packages write that no list of licences spells so. */
const SPELLINGS = new Map([['Apache 2.0', 'Apache-2.0']])

/** Whether an SPDX expression can be met by `allowed` licences alone. */
export function isAllowed(expression, allowed = SHIPPED) {
  const plain = expression.replaceAll(/[()]/g, ' ').trim()
  return plain
    .split(/\s+OR\s+/i)
    .some((choice) => choice.split(/\s+AND\s+/i).every((id) => allowed.includes(SPELLINGS.get(id.trim()) ?? id.trim())))
}

/**
 * The faults of a lock file: packages whose licence is unknown or not allowed. `manifestOf` answers the package.json installed at a path of
 * the lock file, or undefined: an optional package of another platform is judged by what the lock file says of it.
 * @param {{ packages: Record<string, any> }} lock
 * @param {(path: string) => any} manifestOf
 * @returns {string[]}
 */
export function licenceFaults(lock, manifestOf = () => undefined) {
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path.includes('node_modules/') && !entry.link)
    .flatMap(([path, entry]) => {
      const licence = licenceOf(manifestOf(path)) ?? licenceOf(entry)
      if (licence !== undefined && isAllowed(licence, entry.dev ? TOOLS : SHIPPED)) return []
      return [`${path}@${entry.version} (${entry.dev ? 'tool' : 'ships'}): ${licence ?? 'no licence stated'}`]
    })
}

/** Older packages state an object or a list of them. */
function licenceOf(manifest) {
  const stated = manifest?.license ?? manifest?.licenses
  const names = [stated].flat().map((each) => each?.type ?? each)
  return names.every((name) => typeof name === 'string') ? names.join(' OR ') : undefined
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = join(import.meta.dirname, '..')
  const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'))
  const faults = licenceFaults(read('package-lock.json'), (path) => {
    try {
      return read(join(path, 'package.json'))
    } catch {
      return undefined
    }
  })
  for (const fault of faults) console.error(`licence not allowed: ${fault}`)
  process.exitCode = faults.length === 0 ? 0 : 1
}

// Plain JavaScript for any Node from 18 on: it runs before the Node that Silt needs is found.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The oldest Node that runs Silt's TypeScript as it is. */
const OLDEST = [24, 12]

/** Whether this very process runs on a Node that can run Silt. */
export function isRightNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
}

/** The path of a Node that can run Silt: this one, else the one npm installed beside Silt; undefined when there is none. */
export function findRightNode() {
  return isRightNode() ? process.execPath : findInstalledNode(dirname(fileURLToPath(import.meta.url)))
}

/** What to tell when there is no such Node. */
export function rightNodeMissing() {
  const target = `${process.platform}-${process.arch}`
  return (
    `silt needs Node ${OLDEST.join('.')} or newer; this is ${process.versions.node}, and npm has installed none for ${target}.\n` +
    `Run "npm ci" without --omit=optional in Silt's folder, or install Node ${OLDEST[0]} and run it with that.`
  )
}

function findInstalledNode(from) {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const binary = process.platform === 'win32' ? 'node.exe' : 'node'
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', `node-${platform}-${process.arch}`, 'bin', binary)
    if (existsSync(candidate)) return candidate
    if (folder === dirname(folder)) return undefined
  }
}

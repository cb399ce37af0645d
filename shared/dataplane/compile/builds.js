// Plain JavaScript for any Node from 20 on, without any package: what is compiled of assembly/, and of which sources a compiled file is.
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Compiled with the instructions for 16 bytes at once, and for processors that lack them: same exports, same results. */
export const builds = Object.freeze({
  simd: { file: 'plane.wasm', options: ['--enable', 'simd'] },
  scalar: { file: 'plane-scalar.wasm', options: [] },
})

/** Hexadecimal digits of a fingerprint; the last bytes of a compiled file are its own. */
const DIGITS = 64

/** @typedef {keyof typeof builds} PlaneBuild */

/**
 * Of everything a compiled file follows from: assembly/, how it is compiled, the compiler's version. Undefined where the sources are not there, as in the image.
 * @param {string} folder the package's
 * @returns {string | undefined}
 */
export function fingerprintOf(folder) {
  const files = [...filesBelow(folder, 'assembly'), ...filesBelow(folder, 'compile')]
  if (!files.some((path) => path.startsWith('assembly/'))) return undefined
  const hash = createHash('sha256')
  for (const path of files)
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(folder, path)))
      .update('\0')
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return hash.update(dependencies.assemblyscript).digest('hex')
}

/**
 * The fingerprint that a compiled file ends with.
 * @param {Uint8Array} wasm
 */
export function fingerprintIn(wasm) {
  return Buffer.from(wasm.subarray(-DIGITS)).toString('latin1')
}

/**
 * Where a build's compiled file is.
 * @param {PlaneBuild} build
 * @param {string} folder the package's
 */
export function compiledPath(build, folder) {
  return join(folder, 'build', builds[build].file)
}

/**
 * The builds whose compiled file is missing or of other sources.
 * @param {string} folder the package's
 * @returns {PlaneBuild[]}
 */
export function outdatedBuilds(folder) {
  const wanted = fingerprintOf(folder)
  if (wanted === undefined) return []
  return /** @type {PlaneBuild[]} */ (Object.keys(builds)).filter((build) => {
    try {
      return fingerprintIn(readFileSync(compiledPath(build, folder))) !== wanted
    } catch {
      return true
    }
  })
}

/** Paths of the sources below a folder, in an order that is the same everywhere. */
function filesBelow(folder, name) {
  try {
    return readdirSync(join(folder, name), { recursive: true })
      .filter((path) => /\.[jt]s$/.test(path))
      .map((path) => `${name}/${path.replaceAll('\\', '/')}`)
      .sort()
  } catch {
    return []
  }
}

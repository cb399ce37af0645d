// Plain JavaScript for any Node from 20 on.
import { Buffer } from 'node:buffer'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import asc from 'assemblyscript/asc'
import { builds, compiledPath, fingerprintOf } from './builds.js'

/** Of the memory the host gives (src/wasm/engine.ts), 64 KiB each. */
const MEMORY_PAGES = '8192'
const OPTIONS = [
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--enable',
  'bulk-memory',
  '--importMemory',
  '--initialMemory',
  MEMORY_PAGES,
  '--maximumMemory',
  MEMORY_PAGES,
]

/**
 * Compiles assembly/ of a package's folder; the file is there whole or as it was. Answers what the compiler has to say where it fails.
 * @param {import('./builds.js').PlaneBuild} build
 * @param {string} folder
 * @returns {Promise<string | undefined>}
 */
export async function compile(build, folder) {
  const fingerprint = fingerprintOf(folder)
  const outputs = new Map()
  const { error, stderr } = await asc.main(
    [join(folder, 'assembly/index.ts'), '--outFile', 'plane.wasm', ...OPTIONS, ...builds[build].options],
    { writeFile: (name, contents) => void outputs.set(name, contents) },
  )
  const wasm = outputs.get('plane.wasm')
  if (error || wasm === undefined || fingerprint === undefined) return `${stderr.toString()}${error?.message ?? ''}`
  const path = compiledPath(build, folder)
  mkdirSync(dirname(path), { recursive: true })
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, Buffer.concat([wasm, customSection('silt.sources', fingerprint)]))
  renameSync(unfinished, path)
  return undefined
}

/** A custom section of less than 128 bytes (WebAssembly § Binary Format, Custom Section), which engines read over. */
function customSection(name, text) {
  const content = Buffer.concat([Buffer.of(name.length), Buffer.from(name), Buffer.from(text)])
  return Buffer.concat([Buffer.of(0, content.length), content])
}

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { SiltError } from '@silt/core'
import { compiledPath, fingerprintIn, fingerprintOf, type PlaneBuild } from '../../compile/builds.js'

/** One function that gives a vector: whoever takes it has the instructions that the SIMD build is made of. */
const probe = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // \0asm, version 1
  ...[1, 5, 1, 0x60, 0, 1, 0x7b], // types: () → v128
  ...[3, 2, 1, 0], // functions: one of that type
  ...[10, 10, 1, 8, 0, 0x41, 0, 0xfd, 15, 0xfd, 98, 11], // code: i32.const 0, i8x16.splat, i8x16.popcnt, end
)
const packageFolder = fileURLToPath(new URL('../..', import.meta.url))
const compiled = new Map<string, WebAssembly.Module>()

/** The build for this processor: of x64 those without SSE4.1, which some virtual machines show, take only the one without SIMD. */
export function supportedBuild(): PlaneBuild {
  return WebAssembly.validate(probe) ? 'simd' : 'scalar'
}

/**
 * The compiled plane of the package in `folder`, compiled once per thread. Its sources are looked at where they are there: in the image they are not.
 * `dataplane/not-built` (invalid) where the file is missing, `dataplane/outdated` (invalid) where it is of other sources: the message names the command.
 */
export function loadPlane(build: PlaneBuild = supportedBuild(), folder: string = packageFolder): WebAssembly.Module {
  const path = compiledPath(build, folder)
  const known = compiled.get(path)
  if (known !== undefined) return known
  // A call of a host's import that is made often gets code of its own, in a cache of the whole process. V8 (Node 24) may free that twice, and ends the
  // process, where threads with such code come and go: it is never made. Imports are called once a page, not once a record.
  setFlagsFromString('--wasm-wrapper-tiering-budget=2000000000')
  const wasm = read(path)
  const wanted = fingerprintOf(folder)
  if (wanted !== undefined && fingerprintIn(wasm) !== wanted)
    throw new SiltError(
      'invalid',
      'dataplane/outdated',
      `${path} is of other sources than those beside it: run "npm run build -w @silt/dataplane" in Silt's folder`,
      { context: { path } },
    )
  const module = new WebAssembly.Module(wasm)
  compiled.set(path, module)
  return module
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new SiltError(
      'invalid',
      'dataplane/not-built',
      `${path} is missing: run "npm run build -w @silt/dataplane" in Silt's folder`,
      { cause, context: { path } },
    )
  }
}

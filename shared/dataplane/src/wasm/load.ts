import { readFileSync } from 'node:fs'
import { SiltError } from '@silt/core'

/** Where `node build.js` puts the compiled plane. */
export const planePath = new URL('../../build/plane.wasm', import.meta.url)

const compiled = new Map<string, WebAssembly.Module>()

/** The compiled plane, once per thread. `dataplane/not-built` (invalid) where the file is missing: the message names the command that makes it. */
export function loadPlane(path: URL = planePath): WebAssembly.Module {
  const known = compiled.get(path.href)
  if (known !== undefined) return known
  const module = new WebAssembly.Module(read(path))
  compiled.set(path.href, module)
  return module
}

function read(path: URL): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new SiltError(
      'invalid',
      'dataplane/not-built',
      `${path.pathname} is missing: run "npm run build -w @silt/dataplane", which compiles it`,
      { cause, context: { path: path.pathname } },
    )
  }
}

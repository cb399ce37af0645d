// Plain JavaScript for any Node from 20 on.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { outdatedBuilds } from '../shared/dataplane/compile/builds.js'

const folder = join(import.meta.dirname, '..', 'shared', 'dataplane')

/** Compiles the data plane where that is missing or of other sources; returns whether it is there now. The packages must be installed. */
export function ensureCompiled() {
  if (outdatedBuilds(folder).length === 0) return true
  console.error('silt: compiling the data plane (shared/dataplane)')
  // In a process of its own, whose memory ends with it.
  const { status, error } = spawnSync(process.execPath, [join(folder, 'build.js')], { stdio: 'inherit' })
  if (status === 0) return true
  console.error(`silt: the data plane could not be compiled${error ? ` (${error.message})` : ''}. Nothing was started.`)
  return false
}

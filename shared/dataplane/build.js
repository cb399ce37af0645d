// Plain JavaScript for any Node from 20 on: `node build.js` compiles assembly/ to build/ where what is there is missing or of other sources.
import { builds, outdatedBuilds } from './compile/builds.js'

const folder = import.meta.dirname
const outdated = outdatedBuilds(folder)
if (outdated.length > 0) {
  const { compile } = await import('./compile/compile.js')
  for (const build of outdated) {
    const startMs = performance.now()
    const fault = await compile(build, folder)
    if (fault !== undefined) {
      console.error(`@silt/dataplane: ${builds[build].file} cannot be compiled: ${fault}`)
      process.exit(1)
    }
    const seconds = (performance.now() - startMs) / 1000
    console.error(`silt: compiled the data plane, ${builds[build].file} (${seconds.toFixed(1)} s)`)
  }
}

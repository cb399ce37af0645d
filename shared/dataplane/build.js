// Plain JavaScript for any Node from 20 on: compiles assembly/ to build/plane.wasm.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import asc from 'assemblyscript/asc'

const here = import.meta.dirname
const pages = 8192
mkdirSync(join(here, 'build'), { recursive: true })
const { error, stderr } = await asc.main([
  join(here, 'assembly/index.ts'),
  '--outFile',
  join(here, 'build/plane.wasm'),
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--enable',
  'simd',
  '--enable',
  'bulk-memory',
  '--importMemory',
  '--initialMemory',
  String(pages),
  '--maximumMemory',
  String(pages),
])
if (error) {
  console.error(stderr.toString())
  console.error(`@silt/dataplane: ${error.message}`)
  process.exit(1)
}

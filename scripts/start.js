// Plain JavaScript for any Node from 20 on: installs and compiles what is missing, then becomes `silt start`.
import { join } from 'node:path'
import { ensureInstalled } from './install.js'
import { ensureCompiled } from './plane.js'

if (!ensureInstalled({ dev: false }) || !ensureCompiled()) process.exit(1)
const launcher = join(import.meta.dirname, '..', 'cli', 'bin', 'silt.js')
process.argv.splice(1, 1, launcher, 'start')
await import(launcher)

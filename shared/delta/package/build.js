// Plain JavaScript for any Node from 20 on: `npm pack` in this folder runs it first.
import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

const here = import.meta.dirname
const dist = join(here, 'dist')

/** Where what is imported by the name of a workspace lies in `dist`: see `paths` of tsconfig.json. */
const SOURCES = {
  '@silt/core': 'core/src/index.js',
  '@silt/object-store/local': 'object-store/src/local-store.js',
  '@silt/parquet/reader': 'parquet/src/reader.js',
}

/** `from`, `import` and `import()` of a workspace by its name; and of a `.ts` file, which the compiler leaves as it is in declarations. */
const SPECIFIER = /(from\s|import\s|import\()(\s*)(['"])(@silt\/[^'"]+|\.{1,2}\/[^'"]+\.ts)\3/g

rmSync(dist, { recursive: true, force: true })
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
// npm reads its own output: the compiler's belongs to the errors.
execFileSync(process.execPath, [compiler, '-p', join(here, 'tsconfig.json')], { stdio: ['ignore', 2, 2] })
for (const name of readdirSync(dist, { recursive: true })) {
  const path = join(dist, name)
  if (/\.(js|d\.ts)$/.test(name)) writeFileSync(path, withPaths(path, readFileSync(path, 'utf8')))
}
cpSync(join(here, '..', 'README.md'), join(here, 'README.md'))
cpSync(join(here, '..', '..', '..', 'LICENSE'), join(here, 'LICENSE'))

function withPaths(path, text) {
  return text.replaceAll(SPECIFIER, (_, keyword, space, quote, name) => {
    if (!name.startsWith('@silt/')) return `${keyword}${space}${quote}${name.replace(/\.ts$/, '.js')}${quote}`
    const source = SOURCES[name]
    if (source === undefined) throw new Error(`${path} imports ${name}, which the package does not hold; see SOURCES`)
    const to = relative(dirname(path), join(dist, source)).replaceAll('\\', '/')
    return `${keyword}${space}${quote}${to.startsWith('.') ? to : `./${to}`}${quote}`
  })
}

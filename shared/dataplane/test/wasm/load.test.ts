import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isSiltError } from '@silt/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { builds, compiledPath, fingerprintOf, outdatedBuilds } from '../../compile/builds.js'
import { loadPlane, supportedBuild } from '../../src/wasm/load.ts'

const own = fileURLToPath(new URL('../..', import.meta.url))
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'silt-plane-'))
  for (const name of ['assembly', 'compile', 'build', 'package.json', 'build.js'])
    cpSync(join(own, name), join(folder, name), { recursive: true })
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function refusal(): string {
  try {
    loadPlane('simd', folder)
    return 'loaded'
  } catch (error) {
    expect(isSiltError(error) && error.kind).toBe('invalid')
    expect(String(error)).toContain('npm run build -w @silt/dataplane')
    return isSiltError(error) ? error.code : String(error)
  }
}

describe('a compiled plane', () => {
  it('that is missing or of other sources is refused, naming the command that compiles it', () => {
    writeFileSync(join(folder, 'assembly/added.ts'), '')
    expect(refusal()).toBe('dataplane/outdated')
    rmSync(join(folder, 'assembly/added.ts'))
    truncateSync(compiledPath('simd', folder), 100)
    expect(refusal()).toBe('dataplane/outdated')
    rmSync(compiledPath('simd', folder))
    expect(refusal()).toBe('dataplane/not-built')
  })

  it('is taken where its sources are, and where they are not shipped', () => {
    expect(refusal()).toBe('loaded')
    rmSync(join(folder, 'assembly'), { recursive: true })
    expect(() => loadPlane('scalar', folder)).not.toThrow()
    expect(outdatedBuilds(folder)).toEqual([])
  })

  it('is compiled again for a change of its sources, of how it is compiled and of the compiler, and for nothing else', () => {
    const before = fingerprintOf(folder)
    writeFileSync(join(folder, 'build.js'), '')
    expect(fingerprintOf(folder)).toBe(before)
    expect(outdatedBuilds(folder)).toEqual([])
    for (const [path, from, to] of [
      ['package.json', /("assemblyscript": )"[^"]+"/, '$1"0.0.0"'],
      ['assembly/memory.ts', /SLACK: u32 = 64/, 'SLACK: u32 = 65'],
      ['compile/compile.js', /'-O3'/, "'-O2'"],
    ] as const) {
      const text = readFileSync(join(folder, path), 'utf8')
      const changed = text.replace(from, to)
      expect(changed).not.toBe(text)
      writeFileSync(join(folder, path), changed)
      expect(outdatedBuilds(folder)).toEqual(Object.keys(builds))
      writeFileSync(join(folder, path), text)
      expect(outdatedBuilds(folder)).toEqual([])
    }
  })
})

describe('build.js', () => {
  it('compiles what is missing, saying so, to the same bytes everywhere, and does nothing where nothing is missing', () => {
    symlinkSync(join(own, '../../node_modules'), join(folder, 'node_modules'))
    rmSync(compiledPath('scalar', folder))
    const build = () => spawnSync(process.execPath, [join(folder, 'build.js')], { encoding: 'utf8' })
    const { status, stderr } = build()
    expect(status).toBe(0)
    expect(stderr).toContain('plane-scalar.wasm')
    expect(readFileSync(compiledPath('scalar', folder)).equals(readFileSync(compiledPath('scalar', own)))).toBe(true)
    expect(build()).toMatchObject({ status: 0, stdout: '', stderr: '' })
  })

  it('says what the compiler finds wrong, and leaves what was there', () => {
    symlinkSync(join(own, '../../node_modules'), join(folder, 'node_modules'))
    const before = readFileSync(compiledPath('simd', folder))
    writeFileSync(join(folder, 'assembly/index.ts'), 'export const wrong: u32 = nowhere;')
    const { status, stderr } = spawnSync(process.execPath, [join(folder, 'build.js')], { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toContain("'nowhere'")
    expect(readFileSync(compiledPath('simd', folder)).equals(before)).toBe(true)
    expect(refusal()).toBe('dataplane/outdated')
  })
})

describe('the build for a processor', () => {
  it('is the one with SIMD where the processor has it, else the one without', () => {
    expect(supportedBuild()).toBe('simd')
    const script = `
      import { loadPlane, supportedBuild } from ${JSON.stringify(join(own, 'src/wasm/load.ts'))}
      import { Engine } from ${JSON.stringify(join(own, 'src/wasm/engine.ts'))}
      let simd = 'taken'
      try { loadPlane('simd') } catch { simd = 'refused' }
      console.log(supportedBuild(), simd, new Engine().exports.crc32c(0, 0))`
    // V8 takes SIMD of x64 processors with SSE4.1 only; of others the option changes nothing.
    const args = ['--no-enable-sse4-1', '--input-type=module', '--eval', script]
    const told = execFileSync(process.execPath, args, { encoding: 'utf8' }).trim()
    expect(told).toBe(process.arch === 'x64' ? 'scalar refused 0' : 'simd taken 0')
  })

  it('has the exports of the other', () => {
    const exportsOf = (module: WebAssembly.Module): string[] =>
      WebAssembly.Module.exports(module).map(({ name }) => name)
    expect(exportsOf(loadPlane('scalar'))).toEqual(exportsOf(loadPlane('simd')))
  })
})

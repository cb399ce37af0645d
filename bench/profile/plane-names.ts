import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const plane = fileURLToPath(new URL('../../shared/dataplane', import.meta.url))
/** As shared/dataplane/compile/compile.js has them; that they still are shows in the code, which has to be the same byte for byte. */
const memory = ['--importMemory', '--initialMemory', '8192', '--maximumMemory', '8192']
const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'bulk-memory', ...memory, '--enable', 'simd']
const customSection = 0
const codeSection = 10
const headerBytes = 8
const functionNames = 1

/**
 * Which source each of the plane's functions is of, `columns/dictionary/intern`, by the number that profiles have for it: the compiled file has no names,
 * so it is compiled once more with them. Throws where that gives other code.
 */
export function planeFunctionNames(): ReadonlyMap<number, string> {
  const folder = mkdtempSync(join(tmpdir(), 'silt-plane-'))
  const path = join(folder, 'named.wasm')
  // As a program: its types declare JavaScript's own anew.
  const compiler = fileURLToPath(import.meta.resolve('assemblyscript/bin/asc.js'))
  const args = [compiler, `${plane}/assembly/index.ts`, '--outFile', path, ...options, '--debug']
  execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const named = readFileSync(path)
  rmSync(folder, { recursive: true })
  const compiled = readFileSync(`${plane}/build/plane.wasm`)
  if (!codeOf(named).equals(codeOf(compiled)))
    throw new Error('the plane is compiled with other options than those here, or of other sources: node build.js')
  return namesIn(named)
}

/** The name section (WebAssembly § Appendix, Custom Sections): function index and name, by index. */
function namesIn(wasm: Uint8Array): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  for (const content of sectionsOf(wasm, customSection)) {
    const reader = new Reader(content)
    if (reader.text() !== 'name') continue
    while (!reader.isAtEnd) {
      const id = reader.byte()
      const end = reader.uint() + reader.at
      if (id === functionNames)
        for (let left = reader.uint(); left > 0; left--) {
          const index = reader.uint()
          names.set(index, reader.text().replace(/^.*assembly\//, ''))
        }
      reader.at = end
    }
  }
  if (names.size === 0) throw new Error('the compiler left the names out')
  return names
}

function codeOf(wasm: Uint8Array): Buffer {
  return Buffer.concat(sectionsOf(wasm, codeSection))
}

function sectionsOf(wasm: Uint8Array, wanted: number): Buffer[] {
  const bytes = Buffer.from(wasm)
  const reader = new Reader(bytes)
  const found: Buffer[] = []
  reader.at = headerBytes
  while (!reader.isAtEnd) {
    const id = reader.byte()
    const end = reader.uint() + reader.at
    if (id === wanted) found.push(bytes.subarray(reader.at, end))
    reader.at = end
  }
  return found
}

class Reader {
  at = 0
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.at >= this.#bytes.length
  }

  byte(): number {
    return this.#bytes.readUInt8(this.at++)
  }

  /** LEB128. */
  uint(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
  }

  text(): string {
    const length = this.uint()
    return this.#bytes.toString('utf8', this.at, (this.at += length))
  }
}

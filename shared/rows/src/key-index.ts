/**
 * Column names by their UTF-8 bytes: found without making a string. Ids are handed out in order, from 0. Bounded by what is added.
 */
export class KeyIndex {
  readonly #names: Uint8Array[] = []
  /** Names as keys of JSON spell them. */
  readonly #keys: Uint8Array[] = []
  #slots = new Int32Array(64).fill(-1)

  get count(): number {
    return this.#names.length
  }

  add(name: string): number {
    const id = this.#names.length
    const bytes = new Uint8Array(Buffer.from(name))
    this.#names.push(bytes)
    this.#keys.push(JSON.stringify(name) === `"${name}"` ? bytes : noKey)
    if (this.#names.length * 4 > this.#slots.length) this.#rebuild(this.#slots.length * 2)
    else this.#place(id)
    return id
  }

  /** The id of the name at `bytes[start .. end)`, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const mask = this.#slots.length - 1
    let slot = hashOf(bytes, start, end) & mask
    for (;;) {
      const id = this.#slots[slot]!
      if (id < 0) return -1
      const name = this.#names[id]!
      if (name.length === end - start && startsWith(bytes, start, name)) return id
      slot = (slot + 1) & mask
    }
  }

  /** The length of name `id` if the UTF-8 at `start` begins with it and a closing quote, else -1; -1 for a name that JSON spells with escapes. */
  matchQuoted(id: number, bytes: Uint8Array, start: number): number {
    const key = this.#keys[id]!
    return bytes[start + key.length] === 0x22 && startsWith(bytes, start, key) ? key.length : -1
  }

  #place(id: number): void {
    const name = this.#names[id]!
    const mask = this.#slots.length - 1
    let slot = hashOf(name, 0, name.length) & mask
    while (this.#slots[slot]! >= 0) slot = (slot + 1) & mask
    this.#slots[slot] = id
  }

  #rebuild(size: number): void {
    this.#slots = new Int32Array(size).fill(-1)
    for (let id = 0; id < this.#names.length; id++) this.#place(id)
  }
}

/** Stands for what no key is: no UTF-8 has it. */
const noKey = Uint8Array.of(0xff)

function startsWith(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let index = 0; index < name.length; index++) if (bytes[start + index] !== name[index]) return false
  return true
}

/** FNV-1a, mixed down so that the low bits depend on every byte. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let index = start; index < end; index++) hash = Math.imul(hash ^ bytes[index]!, 0x01000193)
  return hash ^ (hash >>> 15)
}

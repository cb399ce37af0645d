import { describe, expect, it } from 'vitest'
import { Engine } from '../../src/wasm/engine.ts'

describe('the plane', () => {
  it('keeps its views however much is taken', () => {
    const engine = new Engine()
    const before = engine.bytes.byteLength
    for (let block = 0; block < 20; block++) engine.copyIn(Buffer.alloc(1 << 20, block))
    expect(engine.bytes.byteLength).toBe(before)
    expect(engine.touchedBytes).toBeGreaterThan(20 << 20)
  })

  it('uses again what was given back', () => {
    const engine = new Engine()
    engine.exports.release(engine.copyIn(Buffer.alloc(1 << 20)))
    const touched = engine.touchedBytes
    for (let block = 0; block < 50; block++) engine.exports.release(engine.copyIn(Buffer.alloc(1 << 20)))
    expect(engine.touchedBytes).toBe(touched)
  })
})

import { describe } from 'vitest'
import { Engine } from '../src/wasm/engine.ts'
import { loadPlane } from '../src/wasm/load.ts'

/** Runs of a property on the build without SIMD, of those that the one with SIMD gets. */
const scalarShare = 0.1

/** Defines the same tests for each build of the plane, whatever this processor takes; `runs` says how often a property is tried. */
export function onEachBuild(define: (engine: Engine, runs: (count: number) => number) => void): void {
  describe('with SIMD', () => define(new Engine(loadPlane('simd')), (count) => count))
  describe('without SIMD', () => define(new Engine(loadPlane('scalar')), (count) => Math.ceil(count * scalarShare)))
}

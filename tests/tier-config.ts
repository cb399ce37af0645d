import { fileURLToPath } from 'node:url'
import type { ViteUserConfig } from 'vitest/config'
import base from '../vitest.config.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The vitest settings of one tier of `npm test`: which files, and how long one test may take. */
export function tierConfig(tier: {
  include: string[]
  /** Of those, what is another tier's. */
  exclude?: string[]
  testMsMax: number
  globalSetup?: string
  oneFileAtATime?: true
  /** Files at once, where they mostly wait for servers. */
  filesAtOnceMax?: number
}): ViteUserConfig {
  const { include, exclude = [], testMsMax, globalSetup, oneFileAtATime, filesAtOnceMax } = tier
  return {
    root,
    test: {
      ...base.test,
      include,
      exclude: ['**/node_modules/**', ...exclude],
      testTimeout: testMsMax,
      hookTimeout: testMsMax,
      fileParallelism: oneFileAtATime !== true,
      ...(filesAtOnceMax === undefined ? {} : { maxWorkers: filesAtOnceMax }),
      ...(globalSetup === undefined ? {} : { globalSetup: fileURLToPath(new URL(globalSetup, import.meta.url)) }),
    },
  }
}

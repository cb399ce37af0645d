import { fileURLToPath } from 'node:url'
import type { ViteUserConfig } from 'vitest/config'
import base from '../vitest.config.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The vitest settings of one tier of `npm test`: which files, and how long one test may take. */
export function tierConfig(tier: {
  include: string[]
  testMsMax: number
  globalSetup?: string
  oneFileAtATime?: true
}): ViteUserConfig {
  const { include, testMsMax, globalSetup, oneFileAtATime } = tier
  return {
    root,
    test: {
      ...base.test,
      include,
      exclude: ['**/node_modules/**'],
      testTimeout: testMsMax,
      hookTimeout: testMsMax,
      fileParallelism: oneFileAtATime !== true,
      ...(globalSetup === undefined ? {} : { globalSetup: fileURLToPath(new URL(globalSetup, import.meta.url)) }),
    },
  }
}

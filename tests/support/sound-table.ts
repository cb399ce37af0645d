import { expect } from 'vitest'
import { silt } from './silt-process.ts'

/**
 * The last step of a test that touches a table: `silt table check` with these settings has no findings, neither of the table nor of its dead letters.
 * `path`: another table than that of the settings.
 */
export async function expectSoundTable(environment: Readonly<Record<string, string>>, path?: string): Promise<void> {
  const { code, stdout, stderr } = await silt(['table', 'check', ...(path === undefined ? [] : [path])], environment)
  expect(code, stdout + stderr).toBe(0)
}

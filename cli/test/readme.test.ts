import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { settingsMarkdown } from '@silt/config'

test("the README's settings table is the one in the code", () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const between = /<!-- settings -->\n([\s\S]*?)\n?<!-- \/settings -->/.exec(readme)?.[1]
  expect(between, 'run: silt config print --markdown').toBe(settingsMarkdown())
})

import { readFileSync, readdirSync } from 'node:fs'
import { join, matchesGlob, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import packageConfig from '../../vitest.config.ts'
import browser from '../vitest.browser.config.ts'
import conformance from '../vitest.conformance.config.ts'
import e2e from '../vitest.e2e.config.ts'
import integration from '../vitest.integration.config.ts'
import simulation from '../vitest.simulation.config.ts'
import spark from '../vitest.spark.config.ts'
import unit from '../vitest.unit.config.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Tier {
  readonly name: string
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

const tiers: readonly Tier[] = [
  ...Object.entries({ unit, simulation, integration, browser, conformance, spark }).map(([name, { test }]) => ({
    name: `${name} of tests`,
    include: test?.include ?? [],
    exclude: test?.exclude ?? [],
  })),
  ...e2e.test.projects.map(({ test }) => ({
    name: `e2e, ${test.name}`,
    // As Vitest has it: what is extended is added to, not replaced.
    include: [...(e2e.test.include ?? []), ...test.include],
    exclude: 'exclude' in test ? test.exclude : [],
  })),
  ...workspacesWithTests().map((workspace) => ({
    name: `unit of ${workspace}`,
    include: (packageConfig.test?.include ?? []).map((pattern) => `${workspace}/${pattern}`),
    exclude: packageConfig.test?.exclude ?? [],
  })),
]

test('every test file runs in one tier of npm test', () => {
  const strays = testFiles().flatMap((file) => {
    const found = tiers.filter(({ include, exclude }) => matchesAny(file, include) && !matchesAny(file, exclude))
    return found.length === 1 ? [] : [`${file}: ${found.map(({ name }) => name).join(', ') || 'in no tier'}`]
  })
  expect(strays).toEqual([])
})

test('a file of a suffix that no tier knows is found out', () => {
  expect(tiers.some(({ include }) => matchesAny('tests/elsewhere/a.test.ts', include))).toBe(false)
  expect(testFiles().length).toBeGreaterThan(100)
})

function matchesAny(file: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matchesGlob(file, pattern))
}

/** Packages whose `test` script is the shared one. */
function workspacesWithTests(): readonly string[] {
  const packages = ['shared', 'services'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}`),
  )
  return ['cli', 'bench', ...packages].filter((workspace) => {
    const { scripts } = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as {
      readonly scripts?: Readonly<Record<string, string>>
    }
    return scripts?.['test']?.includes('vitest.config.ts') === true
  })
}

function testFiles(): readonly string[] {
  return ['shared', 'services', 'cli', 'bench', 'tests', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(
        (entry) => entry.isFile() && entry.name.endsWith('.test.ts') && !entry.parentPath.includes('node_modules'),
      )
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  )
}

import { tierConfig } from './tier-config.ts'

/** What they demand of rates, times and memory they have to be alone for. */
const measuring = ['pacing', 'million-events', 'recovery', 'scale-writers'].map(
  (name) => `tests/e2e/${name}.e2e.test.ts`,
)
const all = ['tests/e2e/**/*.e2e.test.ts']
// What a project extends is added to its own: files are named by the projects alone, or `alone` would run them all again.
const tier = tierConfig({
  include: [],
  testMsMax: 600_000,
  globalSetup: 'servers/global-setup.ts',
})

export default {
  ...tier,
  test: {
    ...tier.test,
    projects: [
      {
        extends: true as const,
        // The others mostly wait for processes to start and for each other's answers.
        test: {
          name: 'two at once',
          include: all,
          exclude: [...(tier.test?.exclude ?? []), ...measuring],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true as const,
        test: { name: 'alone', include: measuring, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
}

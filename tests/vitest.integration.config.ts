import { tierConfig } from './tier-config.ts'

export default tierConfig({
  include: [
    'tests/integration/**/*.int.test.ts',
    '{shared,services}/*/test/**/*.int.test.ts',
    'cli/test/**/*.int.test.ts',
  ],
  testMsMax: 240_000,
  filesAtOnceMax: 3,
  globalSetup: 'servers/global-setup.ts',
})

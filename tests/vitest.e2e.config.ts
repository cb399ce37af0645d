import { tierConfig } from './tier-config.ts'

export default tierConfig({
  include: ['tests/e2e/**/*.e2e.test.ts'],
  testMsMax: 600_000,
  globalSetup: 'servers/global-setup.ts',
  // Whole systems beside each other would measure one another.
  oneFileAtATime: true,
})

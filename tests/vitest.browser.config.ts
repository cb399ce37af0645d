import { tierConfig } from './tier-config.ts'

export default tierConfig({
  include: ['tests/browser/**/*.e2e.test.ts'],
  testMsMax: 240_000,
  // Two browsers beside their servers would wait for each other.
  oneFileAtATime: true,
})

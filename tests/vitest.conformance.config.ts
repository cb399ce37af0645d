import { tierConfig } from './tier-config.ts'

export default tierConfig({ include: ['tests/conformance/**/*.test.ts'], testMsMax: 300_000 })

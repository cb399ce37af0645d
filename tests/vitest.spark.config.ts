import { tierConfig } from './tier-config.ts'

export default tierConfig({ include: ['tests/spark/**/*.test.ts'], testMsMax: 600_000 })

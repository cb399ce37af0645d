import { tierConfig } from './tier-config.ts'

export default tierConfig({ include: ['tests/simulation/**/*.sim.test.ts'], testMsMax: 600_000 })

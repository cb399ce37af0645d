import { tierConfig } from './tier-config.ts'

export default tierConfig({ include: ['tests/{conformance,k8s}/**/*.test.ts'], testMsMax: 600_000 })

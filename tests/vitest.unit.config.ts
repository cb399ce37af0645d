import { tierConfig } from './tier-config.ts'

export default tierConfig({
  include: ['tests/{house,servers,simulation,model,mutation,chaos}/**/*.test.ts'],
  exclude: ['**/*.sim.test.ts'],
  testMsMax: 120_000,
})

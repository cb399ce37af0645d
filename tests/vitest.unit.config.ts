import { tierConfig } from './tier-config.ts'

export default tierConfig({
  include: ['tests/{house,servers,simulation,model,mutation}/**/*.test.ts'],
  testMsMax: 60_000,
})

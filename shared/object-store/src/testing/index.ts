export { FaultyStore, type Fault, type FaultPlan, type StoreCall } from './faulty-store.ts'
export { seededFaults } from './seeded-faults.ts'

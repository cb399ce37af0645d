export { FaultyStore, type Fault, type FaultPlan, type StoreCall } from './faulty-store.ts'
export { seededFaults, type FaultRates } from './seeded-faults.ts'

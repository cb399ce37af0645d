export { FaultyStore, type Fault, type FaultPlan, type StoreCall } from './faulty-store.ts'
export { seededFaults } from './seeded-faults.ts'
// Actors meet stores through it; outside tests only `openStore` makes one.
export { RetryingStore } from '../retrying-store.ts'

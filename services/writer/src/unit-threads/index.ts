export { PlanePlace, type PlanePlaceOptions } from './plane-place.ts'
export { serveUnitsOn } from './serve-units.ts'

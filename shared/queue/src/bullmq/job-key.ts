/** All keys of Silt in one hash slot, so that BullMQ's scripts run on a cluster. */
export const keyPrefix = '{silt}'

/** BullMQ refuses ids that contain `:` or are whole numbers, which 16 hex digits can be. */
export function toBullmqId(id: string): string {
  return `u${encodeURIComponent(id)}`
}

export function fromBullmqId(id: string): string {
  return decodeURIComponent(id.slice(1))
}

/** What `silt start` appends by itself: these events at first, then so many a second. */
export const firstLook = Object.freeze({ events: 10_000, eventsPerSecond: 20 })

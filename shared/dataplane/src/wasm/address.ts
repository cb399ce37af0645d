/** A place in the plane's memory, in bytes. */
export type Address = number
/** A leaf column in the plane's memory. */
export type LeafHandle = number

/** A job as the memory queue keeps it; one object is one delivery. */
export interface MemoryJob {
  readonly id: string
  /** The job's JSON text: nobody shares an object through the queue. */
  readonly text: string
  failures: number
  /** Deliveries that were taken for lost while they ran. */
  stalls: number
}

import type { Clock } from '@silt/core'
import { Worker, type Processor, type WorkerOptions } from 'bullmq'

/** A BullMQ worker that survives what the plain one does not. */
export class PacedWorker extends Worker {
  readonly #clock: Clock

  constructor(name: string, processor: Processor, options: WorkerOptions, clock: Clock) {
    super(name, processor, { ...options, autorun: false })
    this.#clock = clock
  }

  /** The plain loop fetches again at once after an error that is not a lost connection (OOM, MASTERDOWN): a spin. */
  protected override async moveToActive(token: string, name?: string): ReturnType<Worker['moveToActive']> {
    try {
      return await super.moveToActive(token, name)
    } catch (error) {
      await this.#clock.sleep(500)
      throw error
    }
  }

  /** Stops renewing locks and lets go of the connections while handlers still run. */
  async forceClose(): Promise<void> {
    await this.lockManager.close()
    await this.getBackend().close(true)
  }
}

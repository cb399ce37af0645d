/** Bytes that are not what their format says; caught where the batch's place is known and turned into `source/corrupt`. */
export class MalformedBatch extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'MalformedBatch'
  }
}

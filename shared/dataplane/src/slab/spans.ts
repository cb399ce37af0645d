/** Where the keys, values or headers of records stand in some bytes; a start below 0: there is none. */
export interface Spans {
  readonly starts: Int32Array
  readonly ends: Int32Array
}

/** Bytes in all of them. */
export function spansLength({ starts, ends }: Spans): number {
  return starts.reduce((sum, start, record) => (start < 0 ? sum : sum + ends[record]! - start), 0)
}

/** Copies the spans' bytes from `from` to `into` from `at` on and has the spans say so; returns where they end. */
export function moveSpans({ starts, ends }: Spans, from: Uint8Array, into: Uint8Array, at: number): number {
  for (let record = 0; record < starts.length; record++) {
    const start = starts[record]!
    if (start < 0) continue
    const end = ends[record]!
    into.set(from.subarray(start, end), at)
    starts[record] = at
    ends[record] = at += end - start
  }
  return at
}

/** Beyond this a native copy wins over its call's cost. */
const loopBytesMax = 192

/**
 * Copies `from[start .. end)` to `to` at `at`. Short runs go four bytes at a time through the views of the same arrays: most fields are a few
 * dozen bytes, where a native call costs more than the copy. Ranges must lie within the arrays and the arrays must not overlap.
 */
export function copyBytes(
  from: Uint8Array,
  fromView: DataView,
  start: number,
  end: number,
  to: Uint8Array,
  toView: DataView,
  at: number,
): void {
  if (end - start > loopBytesMax) {
    to.set(from.subarray(start, end), at)
    return
  }
  let source = start
  let target = at
  for (const wordsEnd = end - 3; source < wordsEnd; source += 4, target += 4) {
    toView.setInt32(target, fromView.getInt32(source, true), true)
  }
  while (source < end) to[target++] = from[source++]!
}

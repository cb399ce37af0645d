// What the hashes of dictionaries begin with: nobody who writes events can choose values that all stand in one place of the table.

export let seedLow: u64 = 0,
  seedHigh: u64 = 0;

/** Before the first dictionary. What is written does not depend on it: entries stand in the order of their appearance. */
export function seedHashes(low: u64, high: u64): void {
  seedLow = low;
  seedHigh = high;
}

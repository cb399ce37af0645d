// Split-block Bloom filter (parquet-format BloomFilter.md): blocks of 256 bits, one bit in each of their eight words.
const SALT: usize = memory.data<u32>([0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31], 16);

/** Adds `count` hashes (u64) to the filter of `bytes` bytes (a multiple of 32) at `filter`, which begins zeroed. */
export function bloomInsert(hashes: usize, count: u32, filter: usize, bytes: u32): void {
  const blocks = <u64>(bytes >> 5);
  for (let i: u32 = 0; i < count; i++) {
    const hash = load<u64>(hashes + (i << 3)),
      block = filter + (<usize>(((hash >> 32) * blocks) >> 32) << 5),
      key = <u32>hash;
    for (let word: u32 = 0; word < 8; word++) {
      const at = block + (word << 2),
        bit: u32 = <u32>1 << ((key * load<u32>(SALT + (word << 2))) >> 27);
      store<u32>(at, load<u32>(at) | bit);
    }
  }
}

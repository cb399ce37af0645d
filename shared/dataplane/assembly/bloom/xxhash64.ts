// xxHash64 with seed 0 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md), which Parquet's Bloom filters take.
const P1: u64 = 0x9e3779b185ebca87,
  P2: u64 = 0xc2b2ae3d27d4eb4f,
  P3: u64 = 0x165667b19e3779f9,
  P4: u64 = 0x85ebca77c2b2ae63,
  P5: u64 = 0x27d4eb2f165667c5;

export function xxhash64(p: usize, length: u32): u64 {
  const end = p + length;
  let h: u64;
  if (length >= 32) {
    let a = P1 + P2,
      b = P2,
      c: u64 = 0,
      d: u64 = 0 - P1;
    const limit = end - 32;
    do {
      a = round(a, load<u64>(p));
      b = round(b, load<u64>(p, 8));
      c = round(c, load<u64>(p, 16));
      d = round(d, load<u64>(p, 24));
      p += 32;
    } while (p <= limit);
    h = rotl<u64>(a, 1) + rotl<u64>(b, 7) + rotl<u64>(c, 12) + rotl<u64>(d, 18);
    h = merge(merge(merge(merge(h, a), b), c), d);
  } else h = P5;
  h += length;
  while (p + 8 <= end) {
    h = rotl<u64>(h ^ round(0, load<u64>(p)), 27) * P1 + P4;
    p += 8;
  }
  if (p + 4 <= end) {
    h = rotl<u64>(h ^ (<u64>load<u32>(p) * P1), 23) * P2 + P3;
    p += 4;
  }
  while (p < end) h = rotl<u64>(h ^ (<u64>load<u8>(p++) * P5), 11) * P1;
  h = (h ^ (h >> 33)) * P2;
  h = (h ^ (h >> 29)) * P3;
  return h ^ (h >> 32);
}

// @ts-ignore: decorator
@inline
function round(acc: u64, input: u64): u64 {
  return rotl<u64>(acc + input * P2, 31) * P1;
}

// @ts-ignore: decorator
@inline
function merge(h: u64, acc: u64): u64 {
  return (h ^ round(0, acc)) * P1 + P4;
}

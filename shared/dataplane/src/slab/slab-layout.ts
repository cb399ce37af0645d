/** Where the fields of `Slab` in assembly/slab/slab.ts stand, in words of 32 bits. */
export const slabWord = {
  start: 0,
  nextOffset: 2,
  partition: 4,
  count: 5,
  bytes: 7,
  bytesEnd: 8,
  offsets: 9,
  timestamps: 10,
  keyStarts: 11,
  keyEnds: 12,
  valueStarts: 13,
  valueEnds: 14,
  headerStarts: 15,
  headerEnds: 16,
  outcomes: 17,
} as const

/** Numbers of parquet.thrift. */
export const physicalType = {
  boolean: 0,
  int32: 1,
  int64: 2,
  float: 4,
  double: 5,
  byteArray: 6,
  fixedLenByteArray: 7,
} as const
export type PhysicalType = (typeof physicalType)[keyof typeof physicalType]

export const encoding = { plain: 0, rle: 3, deltaBinaryPacked: 5, rleDictionary: 8 } as const
export const pageType = { data: 0, dictionary: 2 } as const
export const repetitionType = { required: 0, optional: 1, repeated: 2 } as const
export const boundaryOrder = { unordered: 0, ascending: 1, descending: 2 } as const
export const compressionId = { none: 0, snappy: 1, zstd: 6, lz4_raw: 7 } as const
export type CodecName = keyof typeof compressionId

import { ThriftWriter } from './thrift-writer.ts'

/** parquet.thrift BloomFilterHeader: split-block, xxHash64, uncompressed, before its `filterBytes` bytes. */
export function bloomFilterHeader(filterBytes: number): Buffer {
  const thrift = new ThriftWriter(32)
  thrift.i32(1, filterBytes)
  for (const unionField of [2, 3, 4]) {
    thrift.begin(unionField)
    thrift.empty(1)
    thrift.end()
  }
  return thrift.finish()
}

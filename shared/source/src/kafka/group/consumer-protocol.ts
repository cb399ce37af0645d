import { SiltError } from '@silt/core'
import { WireReader } from '../wire/wire-reader.ts'
import { WireWriter } from '../wire/wire-writer.ts'

/**
 * What members of a group tell each other, in the format of Kafka's own consumers, so that lag and group tools can read it.
 *
 *     subscription => version:i16 (1) [topic] user_data [topic [partition]] (owned)
 *     assignment   => version:i16 (0) [topic [partition]] user_data
 *     arrays with an i32 count, strings with an i16 length, user_data an i32 length, -1 = null
 */
export function encodeSubscription(topic: string, owned: readonly number[]): Buffer {
  const writer = new WireWriter().int16(1).int32(1).string(topic).int32(-1)
  return writeOwned(writer, topic, owned).bytes()
}

/** The partitions of `topic` that a member owned when it joined. */
export function decodeOwned(subscription: Buffer, topic: string): number[] {
  const reader = new WireReader(subscription)
  const version = reader.int16()
  array(reader, () => string(reader))
  const userDataBytes = reader.int32()
  if (userDataBytes > 0) reader.raw(userDataBytes)
  return version < 1 ? [] : readPartitions(reader, topic)
}

export function encodeAssignment(topic: string, partitions: readonly number[]): Buffer {
  const writer = new WireWriter().int16(0)
  return writeOwned(writer, topic, partitions).int32(-1).bytes()
}

/** No bytes: nothing is assigned. */
export function decodeAssignment(assignment: Buffer, topic: string): number[] {
  if (assignment.length === 0) return []
  const reader = new WireReader(assignment)
  reader.int16()
  return readPartitions(reader, topic).sort((a, b) => a - b)
}

function writeOwned(writer: WireWriter, topic: string, partitions: readonly number[]): WireWriter {
  if (partitions.length === 0) return writer.int32(0)
  writer.int32(1).string(topic).int32(partitions.length)
  for (const partition of partitions) writer.int32(partition)
  return writer
}

function readPartitions(reader: WireReader, topic: string): number[] {
  return array(reader, () => ({ name: string(reader), partitions: array(reader, () => reader.int32()) }))
    .filter(({ name }) => name === topic)
    .flatMap(({ partitions }) => partitions)
}

function string(reader: WireReader): string {
  return reader.raw(reader.int16()).toString('utf8')
}

function array<T>(reader: WireReader, read: () => T): T[] {
  const count = reader.int32()
  if (count > reader.bytes.length - reader.position)
    throw new SiltError('data', 'source/corrupt', `a group member sent an array of ${count} elements`)
  return Array.from({ length: Math.max(0, count) }, read)
}

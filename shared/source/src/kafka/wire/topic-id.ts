const ID_BYTES = 16

/** A topic id as Kafka's own tools print it: base64url of its 16 bytes, no padding; all zero = the broker has none. */
export function decodeTopicId(bytes: Buffer): string | null {
  return bytes.every((byte) => byte === 0) ? null : bytes.toString('base64url')
}

/** The 16 bytes of an id printed by `decodeTopicId`; undefined for anything else. */
export function encodeTopicId(topicId: string): Buffer | undefined {
  const bytes = Buffer.from(topicId, 'base64url')
  return bytes.length === ID_BYTES && bytes.toString('base64url') === topicId ? bytes : undefined
}

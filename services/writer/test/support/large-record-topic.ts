/** A topic of made-up events, one partition of which begins with a record of 16 MB; a plane that held it has touched more than it should. */
export const largeRecordTopic = { largeBytes: 16_000_000, largePartition: 1, touchedBytesMax: 32 * 2 ** 20 } as const

import { withAdmin } from './topics.ts'

/** A consumer group as the broker tells it: its state, who is in it with what, and what it has committed. */
export interface GroupSnapshot {
  readonly state: string
  readonly members: readonly (readonly [memberId: string, assignment: string])[]
  readonly offsets: readonly (readonly [partition: number, offset: string])[]
}

export function groupSnapshot(bootstrapServers: string, groupId: string, topic: string): Promise<GroupSnapshot> {
  return withAdmin(bootstrapServers, async (admin) => {
    const [group] = (await admin.describeGroups([groupId])).groups
    const offsets = await admin.fetchOffsets({ groupId, topics: [topic] })
    return {
      state: group?.state ?? 'none',
      members: (group?.members ?? [])
        .map(({ memberId, memberAssignment }) => [memberId, memberAssignment.toString('base64')] as const)
        .sort(([a], [b]) => a.localeCompare(b)),
      offsets: (offsets[0]?.partitions ?? [])
        .map(({ partition, offset }) => [partition, offset] as const)
        .sort(([a], [b]) => a - b),
    }
  })
}

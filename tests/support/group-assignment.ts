import { AssignerProtocol } from 'kafkajs'
import { withAdmin } from './topics.ts'

/** Partitions of a topic by member of a consumer group, as the broker tells them. */
export function groupAssignment(
  bootstrapServers: string,
  groupId: string,
  topic: string,
): Promise<readonly (readonly number[])[]> {
  return withAdmin(bootstrapServers, async (admin) => {
    const { groups } = await admin.describeGroups([groupId])
    return (groups[0]?.members ?? []).map(
      ({ memberAssignment }) => AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment[topic] ?? [],
    )
  })
}

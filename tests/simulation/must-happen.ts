/**
 * What the schedules of seeds 1 to 1,500 must meet, and how often at least: about a third of what they did when this was written. A fault that no longer
 * happens proves nothing any more, and nobody would see it: everything stays green.
 */
export const mustHappen: Readonly<Record<string, number>> = Object.freeze({
  // Two committers put the same version.
  'conflict: committer against committer, main': 68,
  'conflict: committer against committer, dead-letters': 35,
  'conflict: committer against itself, main': 42,
  'conflict: committer against itself, dead-letters': 26,
  'conflict: committer against engine, main': 141,
  'conflict: committer against operator, main': 36,
  'conflict: operator against committer, main': 6,
  // At a call, and at its answer.
  'trap: kill': 662,
  'trap: freeze': 216,
  'trap: delay': 79,
  'trap: cut': 78,
  'trap: recreate-topic': 39,
  // Calls, by who asked.
  'committer store.putIfAbsent refused': 16,
  'committer store.putIfAbsent lost': 95,
  'committer store.putIfAbsent late': 97,
  'committer store.putIfAbsent doubled': 6,
  'committer store.putIfAbsent full': 31,
  'committer queue.finish refused': 7,
  'committer queue.finish lost': 9,
  'committer queue.finish late': 2,
  'committer lease.hold lost': 51,
  'writer store.put lost': 8,
  'writer store.put late': 9,
  'writer store.put full': 12,
  'writer source.fetch refused': 7,
  'writer queue.add lost': 3,
  'writer queue.finish lost': 2,
  'writer queue.finish late': 2,
  'ingestor queue.add lost': 18,
  'ingestor queue.add late': 11,
  'ingestor source.ends refused': 84,
  // Jobs over which consumers went silent.
  'silt-t-write-v1 job after 1 stalls': 616,
  'silt-t-write-v1 job after 3 or more stalls': 68,
  'silt-t-commit-v1 job after 3 or more stalls': 41,
  'Redis restored, ended jobs in it': 36,
  // Decoders.
  'writer dies of a record': 117,
  'decoder apart: 2 deaths of no record in a row': 9,
  'decoder apart: 3 deaths of no record in a row': 4,
  // Clocks that stand still with the machine.
  'hibernation: 1 of its clocks stood still': 26,
  'hibernation: 2 of its clocks stood still': 28,
  // A person's commands.
  'operator store.putIfAbsent lost': 8,
  'operator store.putIfAbsent late': 14,
  'operator: pause died': 32,
  'operator: remedy died': 48,
  'operator: remedy failed': 17,
  // Another engine's deeds that did something.
  'engine: append done': 143,
  'engine: optimize done': 64,
  'engine: optimize-tagged done': 80,
  'engine: vacuum done': 13,
  'engine: clean-log done': 35,
  'engine: restore done': 35,
  'engine: overwrite done': 32,
  'engine: delete-rows done': 35,
  'engine: add-column done': 75,
  'engine: upgrade-protocol done': 72,
})

/**
 * What the schedules of seeds 1 to 1,500 must meet, and how often at least: about a third of what they did when this was written. A fault that no longer
 * happens proves nothing any more, and nobody would see it: everything stays green.
 */
export const mustHappen: Readonly<Record<string, number>> = Object.freeze({
  // Two committers put the same version.
  'conflict: committer against committer, main': 80,
  'conflict: committer against committer, dead-letters': 50,
  'conflict: committer against itself, main': 45,
  'conflict: committer against itself, dead-letters': 35,
  'conflict: committer against engine, main': 150,
  'conflict: committer against operator, main': 40,
  'conflict: operator against committer, main': 15,
  // At a call, and at its answer.
  'trap: kill': 700,
  'trap: freeze': 280,
  'trap: delay': 90,
  'trap: cut': 100,
  'trap: recreate-topic': 45,
  // Calls, by who asked.
  'committer store.putIfAbsent refused': 20,
  'committer store.putIfAbsent lost': 130,
  'committer store.putIfAbsent late': 130,
  'committer store.putIfAbsent doubled': 8,
  'committer store.putIfAbsent full': 50,
  'committer queue.finish refused': 15,
  'committer queue.finish lost': 9,
  'committer queue.finish late': 6,
  'committer lease.hold lost': 110,
  'writer store.put lost': 8,
  'writer store.put late': 12,
  'writer store.put full': 45,
  'writer source.fetch refused': 25,
  'writer queue.add lost': 5,
  'writer queue.finish lost': 6,
  'writer queue.finish late': 4,
  'ingestor queue.add lost': 35,
  'ingestor queue.add late': 20,
  'ingestor source.ends refused': 150,
  // Jobs over which consumers went silent.
  'silt-t-write-v1 job after 1 stalls': 900,
  'silt-t-write-v1 job after 3 or more stalls': 70,
  'silt-t-commit-v1 job after 3 or more stalls': 70,
  'Redis restored, ended jobs in it': 40,
  // Decoders.
  'writer dies of a record': 180,
  'decoder apart: 2 deaths of no record in a row': 12,
  'decoder apart: 3 deaths of no record in a row': 4,
  // A person's commands.
  'operator store.putIfAbsent lost': 18,
  'operator store.putIfAbsent late': 18,
  'operator: pause died': 50,
  'operator: remedy died': 60,
  'operator: remedy failed': 35,
  // Another engine's deeds that did something.
  'engine: append done': 150,
  'engine: optimize done': 90,
  'engine: optimize-tagged done': 100,
  'engine: vacuum done': 15,
  'engine: clean-log done': 35,
  'engine: restore done': 38,
  'engine: overwrite done': 32,
  'engine: delete-rows done': 35,
  'engine: add-column done': 90,
  'engine: upgrade-protocol done': 90,
})

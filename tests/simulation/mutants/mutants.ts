import type { Mutant } from './mutant.ts'
import { mutantsOfBeginningsAndDeaths } from './of-beginnings-and-deaths.ts'
import { mutantsOfDeadLetters } from './of-dead-letters.ts'
import { mutantsOfIngestorAndWriter } from './of-ingestor-and-writer.ts'
import { mutantsOfTheCommit } from './of-the-commit.ts'
import { mutantsOfTheLedger } from './of-the-ledger.ts'
import { mutantsOfTheTable } from './of-the-table.ts'

/** Every broken variant that the simulation must catch. */
export const mutants: readonly Mutant[] = [
  ...mutantsOfTheLedger,
  ...mutantsOfTheCommit,
  ...mutantsOfDeadLetters,
  ...mutantsOfTheTable,
  ...mutantsOfIngestorAndWriter,
  ...mutantsOfBeginningsAndDeaths,
]

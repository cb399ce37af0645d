import { Argument, Command } from 'commander'
import { SiltError } from '@silt/core'
import { shutdownOrder, type ActorName } from '../compose/process-parts.ts'
import { serviceNames, type ServiceName } from '../compose/service-parts.ts'
import type { Terminal } from '../terminal.ts'
import { settingsOf } from './settings-of.ts'

export function runCommand(terminal: Terminal): Command {
  return new Command('run')
    .addArgument(
      new Argument('[actor]', 'which actor').choices(['all', ...shutdownOrder, ...serviceNames]).default('all'),
    )
    .option(
      '--until-idle',
      'exit 0 once everything readable at start is committed; waits, and says for what, while something it needs is away',
    )
    .addHelpText(
      'after',
      `
What runs where is settings:
  KAFKA_BOOTSTRAP_SERVERS  Kafka as source; unset: files below TOPICS_DIR
  REDIS_URL                queues shared by processes; unset: all actors in this process
  DELTA_TABLE_PATH         s3://bucket/prefix, or a folder

Services:
  collector                takes events by HTTP (HTTP_…) into Kafka, or below TOPICS_DIR
  console                  the queue page (CONSOLE_…) of REDIS_URL

Examples:
  silt run --until-idle              settle what is there and exit
  silt run writer                    one more writer beside the others
  silt run ingestor --until-idle     wait until the whole topic as of now is committed`,
    )
    .action(async (actor: ActorName | ServiceName | 'all', options: { untilIdle?: true }) => {
      const untilIdle = options.untilIdle === true
      if (!isService(actor)) {
        const { runActors } = await import('../compose/run-actors.ts')
        const actors = actor === 'all' ? shutdownOrder : [actor]
        return await runActors(actors, settingsOf(terminal), terminal, { untilIdle })
      }
      if (untilIdle)
        throw new SiltError('invalid', 'run/never-idle', `a ${actor} is never done: leave out --until-idle`)
      const { runService } = await import('../compose/run-service.ts')
      return await runService(actor, settingsOf(terminal), terminal)
    })
}

function isService(name: string): name is ServiceName {
  return serviceNames.some((service) => service === name)
}

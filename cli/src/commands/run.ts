import { Argument, Command } from 'commander'
import { SiltError } from '@silt/core'
import { shutdownOrder, type ActorName } from '../compose/process-parts.ts'
import { runActors } from '../compose/run-actors.ts'
import { runService, serviceNames, type ServiceName } from '../compose/run-service.ts'
import type { Terminal } from '../terminal.ts'
import { settingsOf } from './with-settings.ts'

export function runCommand(terminal: Terminal): Command {
  return new Command('run')
    .description(
      'Run the pipeline: all actors in this process, or one of them beside others that share REDIS_URL; or a service beside it.',
    )
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
    .action((actor: ActorName | ServiceName | 'all', options: { untilIdle?: true }) => {
      const untilIdle = options.untilIdle === true
      if (!isService(actor))
        return runActors(actor === 'all' ? shutdownOrder : [actor], settingsOf(terminal), terminal, { untilIdle })
      if (untilIdle)
        throw new SiltError('invalid', 'run/never-idle', `a ${actor} is never done: leave out --until-idle`)
      return runService(actor, settingsOf(terminal), terminal)
    })
}

function isService(name: string): name is ServiceName {
  return serviceNames.some((service) => service === name)
}

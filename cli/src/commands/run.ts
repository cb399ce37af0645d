import { Argument, Command } from 'commander'
import { shutdownOrder, type ActorName } from '../compose/process-parts.ts'
import { runActors } from '../compose/run-actors.ts'
import type { Terminal } from '../terminal.ts'
import { settingsOf } from './with-settings.ts'

export function runCommand(terminal: Terminal): Command {
  return new Command('run')
    .description('Run the pipeline: all actors in this process, or one of them beside others that share REDIS_URL.')
    .addArgument(new Argument('[actor]', 'which actor').choices(['all', ...shutdownOrder]).default('all'))
    .option('--until-idle', 'exit 0 once everything readable at start is committed')
    .addHelpText(
      'after',
      `
What runs where is settings:
  KAFKA_BOOTSTRAP_SERVERS  Kafka as source; unset: files below TOPICS_DIR
  REDIS_URL                queues shared by processes; unset: all actors in this process
  DELTA_TABLE_PATH         s3://bucket/prefix, or a folder

Examples:
  silt run --until-idle              settle what is there and exit
  silt run writer                    one more writer beside the others
  silt run ingestor --until-idle     wait until the whole topic as of now is committed`,
    )
    .action((actor: ActorName | 'all', options: { untilIdle?: true }) =>
      runActors(actor === 'all' ? shutdownOrder : [actor], settingsOf(terminal), terminal, {
        untilIdle: options.untilIdle === true,
      }),
    )
}

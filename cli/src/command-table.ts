import type { Command } from 'commander'
import { firstLook } from './demo/first-look.ts'
import type { Terminal } from './terminal.ts'

/** A command as the help of `silt` lists it, and how to come by it. */
export interface CommandEntry {
  readonly name: string
  readonly usage: string
  readonly description: string
  /** Loads the command's module, with all that it needs: a line loads the one that it calls. */
  load(terminal: Terminal): Promise<Command>
}

/** All commands, in the order of the help. */
export const commandTable: readonly CommandEntry[] = Object.freeze([
  {
    name: 'run',
    usage: '[options] [actor]',
    description:
      'Run the pipeline: all actors in this process, or one of them beside others that share REDIS_URL; or a service beside it.',
    load: async (terminal) => (await import('./commands/run.ts')).runCommand(terminal),
  },
  {
    name: 'doctor',
    usage: '[options]',
    description:
      "Connect to every component with this process's settings and credentials and say what is wrong and what to do. " +
      'Changes nothing but the probe key in the store. Exit code 1 when a check failed.',
    load: async (terminal) => (await import('./commands/doctor.ts')).doctorCommand(terminal),
  },
  {
    name: 'demo',
    usage: '[options]',
    description: 'Append generated events of about 500 bytes to TOPICS_DIR/<topic>/<partition>.ndjson.',
    load: async (terminal) => (await import('./commands/demo.ts')).demoCommand(terminal),
  },
  {
    name: 'start',
    usage: '[options]',
    description: `See it work with no server: append ${firstLook.events} generated events, then ${firstLook.eventsPerSecond} a second, and settle them into a local table.`,
    load: async (terminal) => (await import('./commands/start.ts')).startCommand(terminal),
  },
  {
    name: 'table',
    usage: '[options] [command]',
    description:
      'Look at any Delta table, read its rows, check it, make one, take one over, restore, pause, resume, clean its log. [table] is a folder or s3://bucket/prefix; default: DELTA_TABLE_PATH.',
    load: async (terminal) => (await import('./commands/table.ts')).tableCommand(terminal),
  },
  {
    name: 'partition',
    usage: '[options] [command]',
    description:
      'Look at partitions and decide what to do with those that stopped: a retention gap, a topic made again, a log cut short.',
    load: async (terminal) => (await import('./commands/partition.ts')).partitionCommand(terminal),
  },
  {
    name: 'audit',
    usage: '[options]',
    description:
      'Prove exactly-once from the table itself: per partition, rows and dead letters are the offsets up to its progress, each once. ' +
      'Needs no source: it works after retention. Exit code 1 when a partition failed, 5 when none failed and one is unverifiable.',
    load: async (terminal) => (await import('./commands/audit.ts')).auditCommand(terminal),
  },
  {
    name: 'config',
    usage: '[options] [command]',
    description: 'Show or check the settings of this environment.',
    load: async (terminal) => (await import('./commands/config.ts')).configCommand(terminal),
  },
])

import { resolve } from 'node:path'
import { Command } from 'commander'
import type { Settings } from '@silt/config'
import { shutdownOrder } from '../compose/process-parts.ts'
import { runActors } from '../compose/run-actors.ts'
import { appendEvents, keepAppending, type DemoTopic } from '../demo/append-events.ts'
import { createEventGenerator } from '../demo/event-generator.ts'
import { firstLook } from '../demo/first-look.ts'
import type { Terminal } from '../terminal.ts'
import { settingsOf } from './settings-of.ts'

/** What `npm start` runs: the pipeline embedded, on generated events, with no server. */
export function startCommand(terminal: Terminal): Command {
  return new Command('start')
    .option('--until-idle', 'append no more after the first events, and exit 0 once they are committed')
    .action(async (options: { untilIdle?: true }) => {
      const settings = embedded(settingsOf(terminal))
      const topic: DemoTopic = { directory: settings.TOPICS_DIR, topic: settings.KAFKA_TOPIC, partitionCount: 1 }
      const generator = createEventGenerator(terminal.random)
      await appendEvents(topic, generator, firstLook.events, terminal.clock)
      terminal.print(`appended ${firstLook.events} events to ${resolve(topic.directory, topic.topic)}`)
      const untilIdle = options.untilIdle === true
      const stop = new AbortController()
      const appending = untilIdle
        ? Promise.resolve()
        : keepAppending(
            topic,
            generator,
            firstLook.eventsPerSecond,
            terminal.clock,
            AbortSignal.any([terminal.signal, stop.signal]),
          )
      try {
        await runActors(shutdownOrder, settings, terminal, {
          untilIdle,
          onVersion: (version) => tellWhere(terminal, settings, version),
        })
      } finally {
        stop.abort()
        await appending
      }
    })
}

/** Whatever this environment says of servers, and on any free port: a first look must not touch production. */
function embedded(settings: Settings): Settings {
  const local = settings.DELTA_TABLE_PATH.includes('://') ? 'data/delta/analytics-events' : settings.DELTA_TABLE_PATH
  return { ...settings, KAFKA_BOOTSTRAP_SERVERS: undefined, REDIS_URL: undefined, DELTA_TABLE_PATH: local, OPS_PORT: 0 }
}

function tellWhere(terminal: Terminal, settings: Settings, version: number): void {
  const path = resolve(settings.DELTA_TABLE_PATH)
  for (const line of [
    '',
    `Version ${version} is committed. The table is at ${path}`,
    'Query it:',
    `  python3 -c "from deltalake import DeltaTable; print(DeltaTable('${path}').count())"     (pip install deltalake)`,
    '  npx silt table show    npx silt table cat --limit 3    npx silt audit',
    '',
  ])
    terminal.print(line)
}

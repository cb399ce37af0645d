import { Command } from 'commander'
import { appendEvents, keepAppending, type DemoTopic } from '../demo/append-events.ts'
import { createEventGenerator } from '../demo/event-generator.ts'
import type { Terminal } from '../terminal.ts'
import { wholeNumber } from './whole-number.ts'
import { settingsOf } from './settings-of.ts'

export function demoCommand(terminal: Terminal): Command {
  return new Command('demo')
    .option('--events <count>', 'how many at once', wholeNumber, 10_000)
    .option('--rate <per-second>', 'then keep appending at this rate until interrupted', wholeNumber, 0)
    .option('--partitions <count>', 'files to deal them out over', wholeNumber, 1)
    .addHelpText('after', '\nExample: silt demo --events 1000 --rate 20')
    .action(async (options: { events: number; rate: number; partitions: number }) => {
      const settings = settingsOf(terminal)
      const topic: DemoTopic = {
        directory: settings.TOPICS_DIR,
        topic: settings.KAFKA_TOPIC,
        partitionCount: Math.max(1, options.partitions),
      }
      const generator = createEventGenerator(terminal.random)
      await appendEvents(topic, generator, options.events, terminal.clock)
      terminal.print(`appended ${options.events} events to ${topic.directory}/${topic.topic}`)
      if (options.rate > 0) await keepAppending(topic, generator, options.rate, terminal.clock, terminal.signal)
    })
}

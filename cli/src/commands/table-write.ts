import { InvalidArgumentError, type Command } from 'commander'
import { isSiltError, SiltError } from '@silt/core'
import { OnDemandReader } from '@silt/parquet/reader'
import { commitDecision } from '../table/commit-decision.ts'
import { createTable, parseSchemaFile, type TableSpec } from '../table/create-table.ts'
import { restore } from '../table/restore.ts'
import type { Terminal } from '../terminal.ts'
import { asOfOptions, versionOf, type AsOf } from './as-of.ts'
import { operatorName } from './operator-name.ts'
import { decisionDeps, withTable } from './with-settings.ts'

interface CreateOptions {
  readonly schema: string
  readonly partitionBy?: string[]
  readonly property: Readonly<Record<string, string>>
}

/** `silt table create|restore`: what makes a table, and what takes its rows back. */
export function addTableWriteCommands(table: Command, terminal: Terminal): void {
  table
    .command('create [table]')
    .description('Make an empty Delta table. Where one stands nothing is written.')
    .requiredOption(
      '--schema <file>',
      'a Delta schema as JSON ({"type":"struct","fields":[…]}), or one CREATE TABLE statement of Spark SQL (its name and LOCATION are not used)',
    )
    .option('--partition-by <names>', 'columns, separated by commas; default: as the statement says', (text) =>
      text.split(','),
    )
    .option('--property <key=value>', 'a table property; may be repeated', keyValue, {})
    .addHelpText('after', createExamples)
    .action((path: string | undefined, options: CreateOptions) =>
      withTable(
        terminal,
        async (open, settings) => {
          const spec = readSchema(terminal, options.schema)
          await createTable(decisionDeps(terminal, settings, open), {
            ...spec,
            partitionColumns: options.partitionBy ?? spec.partitionColumns,
            configuration: { ...spec.configuration, ...options.property },
          })
          terminal.print(`made ${open.store.location} as version 0`)
        },
        path,
      ),
    )

  asOfOptions(
    table
      .command('restore [table]')
      .description(
        'Give the table the rows, columns and properties it had. Progress stays, so nothing is settled twice and nothing comes back by itself: Silt parks the table until silt table resume, and the audit reports the rows as removed. To have events settled anew, make another table.',
      ),
  )
    .requiredOption('--reason <text>', 'why, for whoever reads the history')
    .addHelpText('after', restoreExamples)
    .action((path: string | undefined, options: AsOf & { reason: string }) =>
      withTable(
        terminal,
        async (open, settings) => {
          if (options.version === undefined && options.timestamp === undefined)
            throw new SiltError(
              'invalid',
              'table/no-such-version',
              'say with --version or --timestamp which version comes back',
            )
          const request = { at: versionOf(options), reason: options.reason, by: operatorName(terminal) }
          const decide = restore(request, open.store, new OnDemandReader(), () => terminal.clock.nowMs())
          const version = await commitDecision(decisionDeps(terminal, settings, open), decide)
          terminal.print(
            version === undefined
              ? 'nothing to do: the table is as it was then'
              : `restored as version ${version}; if Silt settles into this table: silt table resume --reason … lets it go on from its progress`,
          )
        },
        path,
      ),
    )
}

const createExamples = `
Examples:
  silt table create data/orders --schema orders.sql
      CREATE TABLE orders (id BIGINT NOT NULL, total DECIMAL(10,2), day DATE) USING delta PARTITIONED BY (day)
  silt table create s3://lake/orders --schema orders.json --partition-by day --property delta.appendOnly=true`

const restoreExamples = `
Examples:
  silt table diff 12 15                            what version 12 had that 15 has not, first
  silt table restore --version 12 --reason "wrong delete by job 7"
  silt table restore s3://lake/orders --timestamp 2026-11-23T10:00:00Z --reason "as before the import"
Refused where data files of that version are gone (VACUUM).`

function readSchema(terminal: Terminal, path: string): TableSpec {
  const text = readText(terminal, path)
  try {
    return parseSchemaFile(text)
  } catch (cause) {
    if (!isSiltError(cause)) throw cause
    // Elsewhere such a schema stands in a table, which is broken then; here it is what was asked for.
    const kind = cause.kind === 'data' ? 'invalid' : cause.kind
    const problem = cause.message.replace('metaData.schemaString', 'the schema')
    throw new SiltError(kind, cause.code, `${path}: ${problem}`, { cause })
  }
}

function readText(terminal: Terminal, path: string): string {
  try {
    return terminal.readTextFile(path)
  } catch (cause) {
    throw new SiltError('invalid', 'table/schema-unreadable', `the schema file ${path} cannot be read`, { cause })
  }
}

function keyValue(text: string, others: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('must be key=value')
  return { ...others, [text.slice(0, at)]: text.slice(at + 1) }
}

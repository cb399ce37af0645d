import type { Random } from '@silt/core'

/** Types that expressions are made of; numbers are several types of Spark's. */
type Kind = 'number' | 'text' | 'truth' | 'date' | 'time'

/** A random expression over `givenColumns`, mostly well-typed. */
export function randomExpression(random: Random, depth = 3): string {
  return make(random, pick(random, ['truth', 'truth', 'number', 'text', 'date', 'time'] as const), depth)
}

const columns: Readonly<Record<Kind, readonly string[]>> = {
  number: ['b', 'h', 'i', 'l', 'f', 'd', 'm', 'n', 'i', 'm', 'st.a'],
  text: ['s', 't', 'S', '`t`', 'st.b'],
  truth: ['bo'],
  date: ['dt'],
  time: ['ts', 'tn'],
}

const literals: Readonly<Record<Kind, readonly string[]>> = {
  number: [
    '0',
    '1',
    '-1',
    '3',
    '10',
    '100',
    '127Y',
    '5S',
    '2147483647',
    '-2147483648',
    '9223372036854775807',
    '1.5',
    '-0.01',
    '2.50',
    '1e3',
    '0.1D',
    '2F',
    '12.345BD',
    '7L',
    '10000000000',
    'NULL',
  ],
  text: [
    "''",
    "'abc'",
    "'12'",
    "'1.5'",
    "'2024-02-29'",
    "'2024-01-15 10:20:30'",
    "'a%'",
    "'true'",
    "'é'",
    '"x"',
    "'it\\'s'",
    'NULL',
  ],
  truth: ['TRUE', 'FALSE', 'NULL'],
  date: ["DATE'2024-02-29'", "DATE'1970-01-01'", "DATE'0001-01-01'", 'NULL'],
  time: [
    "TIMESTAMP'2024-02-29 12:34:56.789'",
    "TIMESTAMP'1969-12-31 23:59:59Z'",
    "TIMESTAMP_NTZ'2024-06-01 00:00:00'",
    'NULL',
  ],
}

const numberTypes = [
  'TINYINT',
  'SMALLINT',
  'INT',
  'BIGINT',
  'FLOAT',
  'DOUBLE',
  'DECIMAL(10,2)',
  'DECIMAL(5,0)',
  'DECIMAL(38,10)',
]

function make(random: Random, kind: Kind, depth: number): string {
  if (depth <= 0) return leaf(random, kind)
  const of = (each: Kind): string => make(random, each, depth - 1 - (random.next() < 0.3 ? 1 : 0))
  const any = (): Kind => pick(random, ['number', 'text', 'truth', 'date', 'time'] as const)
  const [x, y, z] = [() => of(kind), () => of(kind), () => of(kind)]
  const general: (() => string)[] = [
    () => leaf(random, kind),
    () => `CASE WHEN ${of('truth')} THEN ${x()} ELSE ${y()} END`,
    () => `CASE ${of('number')} WHEN ${of('number')} THEN ${x()} WHEN ${of('number')} THEN ${y()} END`,
    () => `if(${of('truth')}, ${x()}, ${y()})`,
    () => `coalesce(${x()}, ${y()}, ${z()})`,
    () => `nullif(${x()}, ${y()})`,
    () => `${pick(random, ['greatest', 'least'])}(${x()}, ${y()})`,
    () => `nvl(${x()}, ${y()})`,
  ]
  const cast = (type: string, from = any()): string =>
    `${pick(random, ['CAST', 'CAST', 'TRY_CAST'])}(${of(from)} AS ${type})`
  switch (kind) {
    case 'truth':
      return pick(random, [
        ...general.slice(0, 5),
        ...Array.from({ length: 4 }, () => (): string => {
          const sides = pick(random, ['number', 'number', 'text', 'date', 'time', 'truth'] as const)
          const other = random.next() < 0.25 ? any() : sides
          return `${of(sides)} ${pick(random, ['=', '==', '<=>', '<>', '!=', '<', '<=', '>', '>='])} ${of(other)}`
        }),
        () => `(${of('truth')} AND ${of('truth')})`,
        () => `(${of('truth')} OR ${of('truth')})`,
        () => `NOT (${of('truth')})`,
        () => `(${of(any())}) IS ${pick(random, ['', 'NOT '])}NULL`,
        () => `(${of('truth')}) IS ${pick(random, ['', 'NOT '])}${pick(random, ['TRUE', 'FALSE'])}`,
        () =>
          `(${of('number')}) ${pick(random, ['', 'NOT '])}IN (${of('number')}, ${of('number')}, ${leaf(random, 'number')})`,
        () => `${of('text')} IN ('abc', 'a', ${of('text')})`,
        () => `(${of('number')}) ${pick(random, ['', 'NOT '])}BETWEEN ${of('number')} AND ${of('number')}`,
        () => `(${of('date')}) BETWEEN ${of('date')} AND ${of('time')}`,
        () =>
          `(${of('text')}) ${pick(random, ['', 'NOT '])}LIKE ${pick(random, ["'a%'", "'%b%'", "'_b_'", "'%'", "''", "'a\\_b\\%c'", "'%X_X%'", "'a!_%' ESCAPE '!'"])}`,
        () => `${pick(random, ['startswith', 'endswith', 'contains'])}(${of('text')}, ${of('text')})`,
        () => cast('BOOLEAN'),
        () => `isnan(${of('number')})`,
      ])()
    case 'number':
      return pick(random, [
        ...general,
        ...Array.from(
          { length: 4 },
          () => () => `(${of('number')} ${pick(random, ['+', '-', '*', '/', '%', 'DIV'])} ${of('number')})`,
        ),
        () => `-(${of('number')})`,
        () => `${pick(random, ['abs', 'floor', 'ceil', 'round'])}(${of('number')})`,
        () => `round(${of('number')}, ${pick(random, ['0', '1', '2', '5'])})`,
        () => `length(${of('text')})`,
        () => `instr(${of('text')}, ${of('text')})`,
        () =>
          `${pick(random, ['year', 'quarter', 'month', 'day', 'dayofmonth', 'dayofyear', 'dayofweek', 'weekday'])}(${of(pick(random, ['date', 'time'] as const))})`,
        () => `${pick(random, ['hour', 'minute', 'second', 'unix_timestamp'])}(${of('time')})`,
        () => `${pick(random, ['unix_micros', 'unix_millis', 'unix_seconds'])}(${of('time')})`,
        () => `datediff(${of('date')}, ${of(pick(random, ['date', 'time'] as const))})`,
        () => `unix_date(${of('date')})`,
        () => `mod(${of('number')}, ${of('number')})`,
        () => cast(pick(random, numberTypes)),
        () => cast(pick(random, numberTypes), 'text'),
        () => cast(pick(random, numberTypes), 'number'),
      ])()
    case 'text':
      return pick(random, [
        ...general,
        () => `${pick(random, ['lower', 'upper', 'trim', 'ltrim', 'rtrim'])}(${of('text')})`,
        () => `(${of('text')} || ${of(any())})`,
        () => `concat(${of('text')}, ${of(any())}, '-')`,
        () => `substring(${of('text')}, ${leaf(random, 'number')}, ${pick(random, ['0', '1', '3', '-1'])})`,
        () => `substr(${of('text')}, ${pick(random, ['-2', '0', '1', '2'])})`,
        () => `replace(${of('text')}, ${of('text')}, 'z')`,
        () => `${pick(random, ['left', 'right'])}(${of('text')}, 2)`,
        () => `${pick(random, ['lpad', 'rpad'])}(${of('text')}, 5, 'xy')`,
        () => `trim(BOTH 'a' FROM ${of('text')})`,
        () =>
          `date_format(${of('time')}, ${pick(random, ["'yyyy-MM-dd'", "'yyyy-MM'", "'HH:mm:ss.SSS'", "'yyyyMMdd''T''HH'", "'d/M/yyyy'"])})`,
        () => `from_unixtime(${pick(random, ['0', 'i', '1700000000', '1e3'])})`,
        () => cast('STRING', pick(random, ['number', 'date', 'time', 'truth', 'text'] as const)),
      ])()
    case 'date':
      return pick(random, [
        ...general.slice(0, 5),
        () => `${pick(random, ['date_add', 'date_sub'])}(${of('date')}, ${leaf(random, 'number')})`,
        () => `(${of('date')} ${pick(random, ['+', '-'])} ${pick(random, ['1', '30', 'h'])})`,
        () =>
          `(${of('date')} ${pick(random, ['+', '-'])} INTERVAL ${pick(random, ['1 DAY', '2 MONTHS', '1 YEAR', "'3' WEEK"])})`,
        () => `add_months(${of('date')}, ${pick(random, ['1', '-1', '13', 'b'])})`,
        () => `trunc(${of('date')}, ${pick(random, ["'MONTH'", "'year'", "'WEEK'", "'QUARTER'", "'MM'"])})`,
        () => `last_day(${of('date')})`,
        () => `to_date(${of(pick(random, ['text', 'time', 'date'] as const))})`,
        () => `make_date(2024, ${leaf(random, 'number')}, 5)`,
        () => cast('DATE', pick(random, ['text', 'time', 'date'] as const)),
      ])()
    case 'time':
      return pick(random, [
        ...general.slice(0, 5),
        () =>
          `date_trunc(${pick(random, ["'HOUR'", "'day'", "'MONTH'", "'MINUTE'", "'SECOND'", "'WEEK'", "'QUARTER'", "'YEAR'", "'MILLISECOND'"])}, ${of('time')})`,
        () =>
          `(${of('time')} ${pick(random, ['+', '-'])} INTERVAL ${pick(random, ['1 HOUR', '90 MINUTES', '1 DAY', '1 MONTH', "'-5' SECOND"])})`,
        () => `to_timestamp(${of(pick(random, ['text', 'time', 'date'] as const))})`,
        () =>
          `${pick(random, ['timestamp_millis', 'timestamp_micros', 'timestamp_seconds'])}(${pick(random, ['i', 'l', '1700000000'])})`,
        () =>
          cast(
            pick(random, ['TIMESTAMP', 'TIMESTAMP', 'TIMESTAMP_NTZ']),
            pick(random, ['text', 'time', 'date', 'number'] as const),
          ),
      ])()
  }
}

function leaf(random: Random, kind: Kind): string {
  return pick(random, random.next() < 0.6 ? columns[kind] : literals[kind])
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random.next() * items.length)]!
}

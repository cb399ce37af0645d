import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { portMethods, portsWithin } from './port-methods.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Name and body of every interface that has methods. */
function portsOf(folder: string): ReadonlyMap<string, string> {
  const ports = new Map<string, string>()
  for (const file of readdirSync(folder)) {
    const source = readFileSync(`${folder}/${file}`, 'utf8')
    for (const [, name = '', body = ''] of source.matchAll(/^export interface (\w+)[^{]*\{\n(.*?)^\}/gms))
      if (/^ {2}\w+\??\(/m.test(body)) ports.set(name, body)
  }
  return ports
}

const ports = portsOf(`${root}/shared/core/src/ports`)

test('every port of @silt/core is either swept or within the process', () => {
  expect([...ports.keys()].toSorted()).toEqual([...Object.keys(portMethods), ...portsWithin].toSorted())
})

test.each(Object.entries(portMethods))('every method of %s is accounted for', (port, methods) => {
  const declared = [...(ports.get(port) ?? '').matchAll(/^ {2}(\w+)\??\(/gm)].map(([, name]) => name)
  expect(declared.toSorted()).toEqual(Object.keys(methods).toSorted())
})

test('what is said not to be an actor’s to ask, no actor asks', () => {
  const sources = ['ingestor', 'writer', 'committer'].flatMap((service) =>
    readdirSync(`${root}/services/${service}/src`, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(`${root}/services/${service}/src/${file}`, 'utf8')),
  )
  const asks = (method: string): boolean => sources.some((source) => new RegExp(`\\.${method}\\??\\.?\\(`).test(source))
  expect(['depth', 'checkReadable'].filter(asks)).toEqual([])
  expect(['highWatermarks', 'offsetAtTime', 'putIfAbsent', 'report'].filter(asks)).toHaveLength(3)
})

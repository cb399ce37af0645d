import { SiltError } from '@silt/core'
import { afterEach, expect, test } from 'vitest'
import type { CollectorOptions } from '../../src/index.ts'
import { FakeSink } from '../support/fake-sink.ts'
import { startCollector, type RunningCollector } from '../support/running-collector.ts'

const started: RunningCollector[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.stop()))
})

async function start(overrides: Partial<CollectorOptions> = {}, sink?: FakeSink): Promise<RunningCollector> {
  const collector = await startCollector(overrides, sink)
  started.push(collector)
  return collector
}

const token = 'a-token-of-enough-letters'
const turn = (ms = 20): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test('one object, an array and lines are taken, and counted in the answer', async () => {
  const { post, sink } = await start()
  expect(await post('{"a":1.0}')).toMatchObject({ status: 200, json: { accepted: 1 } })
  expect(await post('[{"b":1},{"c":1}]')).toMatchObject({ status: 200, json: { accepted: 2 } })
  const lines = { 'content-type': 'application/x-ndjson; charset=UTF-8' }
  expect(await post('{"d":1}\n{"e":1}\n', lines)).toMatchObject({ status: 200, json: { accepted: 2 } })
  expect(sink.taken.map(({ text }) => text)).toEqual(['{"a":1.0}', '{"b":1}', '{"c":1}', '{"d":1}', '{"e":1}'])
})

test('nothing is answered before the sink says that the events are durable', async () => {
  const { post, sink } = await start()
  const letGo = sink.hold()
  let answered = false
  const answer = post('{}').finally(() => (answered = true))
  await turn(50)
  expect(answered).toBe(false)
  letGo()
  expect((await answer).status).toBe(200)
})

test.each([
  ['a wrong content type', { 'content-type': 'text/plain' }, '{}', 415, 'collector/content-type'],
  ['no content type', { 'content-type': '' }, '{}', 415, 'collector/content-type'],
  ['another charset', { 'content-type': 'application/json; charset=latin1' }, '{}', 415, 'collector/content-type'],
  ['a compressed body', { 'content-encoding': 'gzip' }, '{}', 415, 'collector/content-type'],
  ['no JSON', {}, '{"a":', 400, 'collector/not-json'],
  ['no object', {}, '3', 400, 'collector/not-an-object'],
  ['nothing', {}, '', 400, 'collector/no-events'],
  ['too large a body', {}, `{"a":"${'x'.repeat(10_000)}"}`, 413, 'collector/body-too-large'],
  ['too many events', {}, `[${'{},'.repeat(10)}{}]`, 413, 'collector/too-many-events'],
  ['a foreign origin', { origin: 'https://evil.example' }, '{}', 403, 'collector/origin'],
  ['a null origin', { origin: 'null' }, '{}', 403, 'collector/origin'],
  ['a foreign host name', { host: 'evil.example:8080' }, '{}', 403, 'collector/host'],
])('%s is refused with its code and a remedy, and nothing is taken', async (_what, headers, body, status, code) => {
  const { post, sink } = await start()
  const answer = await post(body, headers)
  expect(answer).toMatchObject({ status, json: { code } })
  expect(answer.json['error']).toEqual(expect.any(String))
  expect(answer.json['remedy']).toEqual(expect.any(String))
  expect(sink.taken).toEqual([])
})

test('other methods and paths are told what there is', async () => {
  const { send } = await start()
  expect(await send('GET', '/events')).toMatchObject({ status: 405, headers: { allow: 'POST, OPTIONS' } })
  expect(await send('POST', '/other', {}, '{}')).toMatchObject({ status: 404, json: { code: 'collector/not-found' } })
  expect(await send('GET', '/')).toMatchObject({ status: 404 })
})

test('a body that grows too large without telling its length is cut off, with an answer', async () => {
  const { port, raw } = await start()
  const chunk = `${(5000).toString(16)}\r\n${'x'.repeat(5000)}\r\n`
  const head = `POST /events HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`
  const answer = await raw(`${head}${chunk.repeat(3)}0\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  expect(answer).toContain('collector/body-too-large')
  expect(answer).toMatch(/connection: close/i)
})

test('who asks for leave to send a body is refused before sending it', async () => {
  const { port, raw } = await start()
  const head = `POST /events HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\nexpect: 100-continue\r\n`
  expect(await raw(`${head}content-length: 99999\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /)
  expect(await raw(`${head}connection: close\r\ncontent-length: 2\r\n\r\n{}`)).toMatch(
    /^HTTP\/1\.1 100 [^]*HTTP\/1\.1 200 /,
  )
})

test('with a token: no request without it, whatever the host is called', async () => {
  const { post, sink } = await start({ token })
  expect(await post('{}')).toMatchObject({ status: 401, json: { code: 'collector/no-token' } })
  expect(await post('{}', { authorization: 'Bearer wrong' })).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': 'Bearer' },
    json: { code: 'collector/wrong-token' },
  })
  const headers = { authorization: `Bearer ${token}`, host: 'collector.example' }
  expect(await post('{}', headers)).toMatchObject({ status: 200 })
  expect(sink.taken).toHaveLength(1)
})

test('pages of listed origins and of the same origin may send; a preflight tells them so', async () => {
  const { post, send, port } = await start({ origins: ['https://shop.example'] })
  const origin = 'https://shop.example'
  expect(await post('{}', { origin })).toMatchObject({
    status: 200,
    headers: { 'access-control-allow-origin': origin, vary: 'origin' },
  })
  expect(await post('{}', { origin: `http://127.0.0.1:${port}` })).toMatchObject({ status: 200 })
  expect(await post('{"', { origin })).toMatchObject({
    status: 400,
    headers: { 'access-control-allow-origin': origin },
  })
  const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' }
  expect(await send('OPTIONS', '/events', { origin, ...preflight })).toMatchObject({
    status: 204,
    headers: { 'access-control-allow-methods': 'POST', 'access-control-allow-origin': origin },
  })
  const refused = await send('OPTIONS', '/events', { origin: 'https://evil.example', ...preflight })
  expect(refused.status).toBe(403)
  expect(refused.headers['access-control-allow-origin']).toBeUndefined()
})

test('an address that other machines reach is refused without a token, naming the setting', async () => {
  const failed = startCollector({ host: '0.0.0.0' })
  await expect(failed).rejects.toMatchObject({
    code: 'collector/needs-token',
    message: expect.stringContaining('HTTP_TOKEN') as string,
  })
  await start({ host: '0.0.0.0', token })
})

test('a port that is taken is named', async () => {
  const { port } = await start()
  await expect(startCollector({ port })).rejects.toMatchObject({
    code: 'collector/port-taken',
    message: expect.stringContaining('HTTP_PORT') as string,
  })
})

test('events that failed are named one by one; the others count', async () => {
  const { post, sink } = await start()
  const lost = new SiltError('ambiguous', 'collector/unanswered', 'no answer')
  const large = new SiltError('data', 'collector/event-too-large', 'too large')
  sink.answer = () => [
    { index: 1, error: large },
    { index: 2, error: lost },
  ]
  expect(await post('[{},{},{}]')).toMatchObject({
    status: 503,
    headers: { 'retry-after': '1' },
    json: {
      code: 'collector/unanswered',
      accepted: 1,
      failed: [
        { index: 1, code: 'collector/event-too-large' },
        { index: 2, code: 'collector/unanswered' },
      ],
    },
  })
  sink.answer = () => [{ index: 0, error: large }]
  expect(await post('[{},{}]')).toMatchObject({ status: 413, json: { accepted: 1, code: 'collector/event-too-large' } })
})

test('an answer that takes too long is given up: the sink is told, and the room is held until it has ended', async () => {
  const { post, sink } = await start({ timeoutMs: 600, requestsMax: 1 })
  const letGo = sink.hold()
  expect(await post('{}')).toMatchObject({ status: 503, json: { code: 'collector/unanswered' } })
  expect(sink.signals[0]?.aborted).toBe(true)
  expect(await post('{}')).toMatchObject({ status: 503, json: { code: 'collector/busy' } })
  letGo()
  await turn()
  expect(await post('{}')).toMatchObject({ status: 200 })
})

test('more requests or bytes than the bounds allow are turned away at once, and let in again later', async () => {
  const { post, sink } = await start({ requestsMax: 3 })
  const letGo = sink.hold()
  const large = `{"a":"${'x'.repeat(9_000)}"}`
  const first = [post(large), post(large)]
  await turn()
  expect(await post(large)).toMatchObject({
    status: 503,
    headers: { 'retry-after': '1' },
    json: { code: 'collector/busy', error: expect.stringContaining('HTTP_IN_FLIGHT_BYTES_MAX') as string },
  })
  first.push(post('{}'))
  await turn()
  expect(await post('{}')).toMatchObject({
    status: 503,
    json: { error: expect.stringContaining('HTTP_REQUESTS_MAX') as string },
  })
  letGo()
  expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200, 200])
  expect(await post('{}')).toMatchObject({ status: 200 })
})

test('a body or headers that dribble in are cut off with an answer', async () => {
  const { port, raw, sink } = await start({ timeoutMs: 300 })
  const head = `POST /events HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ncontent-length: 10\r\n`
  for (const started of [`${head}\r\n{"a`, head]) {
    const answer = await raw(started)
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(answer).toContain('collector/too-slow')
  }
  expect(sink.taken).toEqual([])
})

test('what is not HTTP is told so', async () => {
  const { raw } = await start()
  expect(await raw('hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [^]*collector\/not-http/)
  expect(await raw(`GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
})

test('stopping answers what is under way, takes nothing new and closes the sink', async () => {
  const collector = await startCollector()
  const letGo = collector.sink.hold()
  const under = collector.post('{"last":1}')
  await turn()
  const stopped = collector.stop()
  await turn()
  expect(collector.states.at(-1)).toBe('stopping')
  expect(collector.sink.closed).toBe(false)
  letGo()
  expect(await under).toMatchObject({ status: 200, headers: { connection: 'close' } })
  await stopped
  expect(collector.sink.closed).toBe(true)
  await expect(collector.post('{}')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('a sink that does not end is left, too: whoever waited has an answer', async () => {
  const collector = await startCollector({ shutdownDeadlineMs: 200 })
  collector.sink.close = () => new Promise(() => undefined)
  await collector.stop()
})

test('what hangs at the shutdown deadline is left', async () => {
  const collector = await startCollector({ shutdownDeadlineMs: 200 })
  collector.sink.hold()
  const under = collector.post('{}')
  await turn()
  await collector.stop()
  await expect(under).rejects.toMatchObject({ code: 'ECONNRESET' })
})

test('a sink that is away is waited for; one that refuses us at start ends the collector', async () => {
  const sink = new FakeSink()
  sink.away = new SiltError('unavailable', 'test/away', 'Kafka is away')
  const collector = await start({}, sink)
  expect(collector.states).toEqual(['Kafka is away'])
  sink.away = undefined
  await expect.poll(() => collector.states.at(-1), { timeout: 30_000 }).toBe('ready')

  const refusing = new FakeSink()
  refusing.away = new SiltError('invalid', 'source/denied', 'KAFKA_SASL_PASSWORD is wrong')
  const failed = startCollector({}, refusing).then((each) => each.stop())
  await expect(failed).rejects.toMatchObject({ code: 'source/denied' })
  expect(refusing.closed).toBe(true)
})

test('the demo page is there only where it is asked for, with nothing from elsewhere', async () => {
  const { send } = await start({ demoPage: true })
  for (const [path, type] of [
    ['/', 'text/html'],
    ['/demo.css', 'text/css'],
    ['/demo.js', 'text/javascript'],
  ] as const) {
    const answer = await send('GET', path)
    expect(answer).toMatchObject({ status: 200 })
    expect(answer.headers['content-type']).toContain(type)
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
    expect(answer.text).not.toMatch(/https?:\/\//)
  }
  expect(await send('HEAD', '/')).toMatchObject({ status: 200, text: '' })
  expect(await send('POST', '/', {}, '{}')).toMatchObject({ status: 405 })
})

// Slow and dead clients and origins (issue 15): what waits for them is bounded, whoever is behind a slow origin throttles nobody else, and
// a healthy client is served meanwhile.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { SinkOrigin } from '../../helpers/grip/sink.ts'
import { type GripStage, startGrip } from '../../helpers/grip-stage.ts'
import type { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest } from '../../helpers/raw-http.ts'
import { RawOrigin } from '../../helpers/raw-origin.ts'
import { until } from '../../helpers/until.ts'

const ok200 = 'HTTP/1.1 200 OK\r\n'
const streaming = `${ok200}Grip-Hold: stream\r\nGrip-Channel: crowd\r\nContent-Length: 5\r\n\r\nopen\n`
const never = 3_600_000
const mega = 1_000_000

async function openScene(
  t: TestContext,
  environment: Readonly<Record<string, string>> = {},
  isTls = false,
): Promise<{ readonly origin: RawOrigin; readonly stage: GripStage }> {
  const origin = await RawOrigin.open()
  t.after(() => origin.close())
  origin.script({ path: '/stream', answers: [{ pieces: [streaming] }] })
  const stage = await startGrip(t, { routes: `* ${origin.address}`, workers: 1, environment, isTls })
  return { origin, stage }
}

/** How long a healthy client waits, again and again, until `isOver`; the longest time, and what the daemon grew to. */
async function watch(stage: GripStage, isOver: () => boolean) {
  let [waitMs, most] = [0, 0]
  do {
    const fromMs = performance.now()
    const client = stage.get('/plain')
    equal((await client.answer()).status, 200)
    client.leave()
    waitMs = Math.max(waitMs, performance.now() - fromMs)
    most = Math.max(most, stage.residentBytes())
    await new Promise(resolve => setTimeout(resolve, 20))
  } while (!isOver())
  return { waitMs: Math.round(waitMs), most }
}

const passed = (ms: number) => {
  const end = performance.now() + ms
  return () => performance.now() > end
}

async function endWell({ daemon }: GripStage): Promise<void> {
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
}

test('300 streams that nobody reads are let go of, and a healthy one has everything', async t => {
  const { stage } = await openScene(t, {
    RINGCAST_ENGINE_OUTBOX_AGE_MS_MAX: '2000',
    RINGCAST_DRAIN_TIMEOUT_MS: '2000',
  })
  const dead = Array.from({ length: 300 }, () => stage.get('/stream'))
  const healthy = stage.get('/stream')
  await Promise.all([...dead, healthy].map(client => client.received('open\n')))
  await stage.held(301)
  for (const client of dead) client.pause()
  const before = stage.residentBytes()
  const filler = 'x'.repeat(50_000)
  let published = 0
  let most = before
  await until(
    'the dead to be let go of',
    async () => {
      for (let count = 0; count < 5; count++) {
        const content = `<${published++}>${filler}`
        await stage.publish({ channel: 'crowd', formats: { 'http-stream': { content } } })
      }
      most = Math.max(most, stage.residentBytes())
      return (await stage.count('holds')) === 1
    },
    120_000,
  )
  await healthy.received(`<${published - 1}>`)
  const numbers = [...healthy.text.matchAll(/<(\d+)>/g)].map(([, number]) => Number(number))
  deepEqual(
    numbers,
    Array.from({ length: published }, (_, number) => number),
  )
  t.diagnostic(`${published} of ${filler.length} bytes; grown by ${Math.round((most - before) / mega)} MB`)
  ok(most - before < 250 * mega)
  for (const client of [...dead, healthy]) client.leave()
  await endWell(stage)
})

test('200 origins that send nothing and 200 that drip hold up nobody', async t => {
  const { origin, stage } = await openScene(t, { RINGCAST_DRAIN_TIMEOUT_MS: '2000' })
  origin.script({ path: '/never', answers: [{ pieces: [''], delayMs: never }] })
  const drops = Array.from({ length: 1_000 }, () => 'x')
  origin.script({
    path: '/drip',
    answers: [{ pieces: [`${ok200}Content-Length: 1000\r\n\r\n`, ...drops], gapMs: 50 }],
  })
  const before = stage.residentBytes()
  const clients = ['/never', '/drip'].flatMap(path => Array.from({ length: 200 }, () => stage.get(path)))
  const { waitMs, most } = await watch(stage, passed(4_000))
  t.diagnostic(`waited for ${waitMs} ms at most; grown by ${Math.round((most - before) / mega)} MB`)
  ok(waitMs < 10_000)
  ok(most - before < 100 * mega)
  for (const client of clients) client.leave()
  await until('their calls to be given up', async () => (await stage.count('asking')) === 0)
  await until('their connections to be gone', async () => (await stage.count('originConnections')) < 10)
  await endWell(stage)
})

for (const [what, head, isTls] of [
  ['plain answers', '', false],
  ['plain answers over TLS', '', true],
  ['first pages', 'Grip-Hold: stream\r\nGrip-Channel: crowd\r\n', false],
] as const) {
  test(`large ${what} that nobody reads stay with their origins`, async t => {
    const { origin, stage } = await openScene(t, { RINGCAST_DRAIN_TIMEOUT_MS: '2000' }, isTls)
    const body = Buffer.alloc(40 * mega, 'x')
    origin.script({
      path: '/large',
      answers: [{ pieces: [`${ok200}${head}Content-Length: ${body.length}\r\n\r\n`, body] }],
    })
    const before = stage.residentBytes()
    const clients = Array.from({ length: 40 }, () => stage.get('/large'))
    for (const client of clients) client.pause()
    await until('all to be asked for', () => origin.received('/large').length === clients.length)
    const { waitMs, most } = await watch(stage, passed(3_000))
    const grown = Math.round((most - before) / mega)
    t.diagnostic(`${clients.length} × 40 MB: grown by ${grown} MB; waited for ${waitMs} ms at most`)
    const waiting = origin.received('/large').filter(({ unsent }) => unsent() > 10 * mega).length
    equal(waiting, clients.length, 'each origin is held back')
    ok(grown < 150)
    // Who reads on gets everything: it goes on where it stopped.
    const [first] = clients
    first?.resume()
    await first?.waitFor('the whole', () => (first?.size ?? 0) > body.length)
    for (const client of clients) client.leave()
    await endWell(stage)
  })
}

for (const isTls of [false, true]) {
  test(`large uploads${isTls ? ' over TLS' : ''} that an origin does not read stay with their clients`, async t => {
    const origin = await SinkOrigin.open()
    t.after(() => origin.close())
    const stage = await startGrip(t, { routes: `* ${origin.address}`, workers: 1, isTls })
    origin.pause()
    const body = Buffer.alloc(20 * mega, 'x')
    const before = stage.residentBytes()
    const head = encodeRequest({ method: 'POST', target: '/', length: body.length, body: '' })
    const clients = Array.from({ length: 20 }, () => stage.connect().send(head).send(body))
    await until('all to be asked for', () => origin.uploading === clients.length)
    // What is not read moves until everything between is full.
    let most = 0
    const isOver = passed(1_500)
    while (!isOver()) {
      most = Math.max(most, stage.residentBytes())
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    const grown = Math.round((most - before) / mega)
    t.diagnostic(`${clients.length} × 20 MB: grown by ${grown} MB`)
    ok(origin.receivedBytes < 5 * mega, `${origin.receivedBytes} bytes were read`)
    ok(grown < 100)
    // Whose origin reads on sends everything: it goes on where it stopped.
    const [first, ...others] = clients
    for (const client of others) client.leave()
    origin.resume()
    equal(String((await first?.answer('POST'))?.body), 'taken\n')
    await until('the others to be gone', () => origin.uploading === 0)
    deepEqual(
      origin.bodies.map(({ bytes }) => bytes),
      [body.length],
    )
    await endWell(stage)
  })
}

test('a large next page that nobody reads stays with its origin, and goes on with the client', async t => {
  const { origin, stage } = await openScene(t, { RINGCAST_DRAIN_TIMEOUT_MS: '2000' })
  const link = 'Grip-Link: </next>; rel=next; timeout=0\r\n'
  const body = Buffer.alloc(40 * mega, 'x')
  origin.script({ path: '/page', answers: [{ pieces: [`${ok200}${link}Content-Length: 5\r\n\r\nopen\n`] }] })
  origin.script({
    path: '/next',
    answers: [{ pieces: [`${ok200}Content-Length: ${body.length}\r\n\r\n`, body] }],
  })
  const before = stage.residentBytes()
  const slow = stage.get('/page')
  await slow.received('open\n')
  slow.pause()
  const { most } = await watch(stage, passed(1_500))
  const [request] = origin.received('/next')
  ok((request?.unsent() ?? 0) > 10 * mega, 'its origin is held back')
  t.diagnostic(`grown by ${Math.round((most - before) / mega)} MB`)
  slow.resume()
  await slow.head()
  let bytes = 0
  for (let chunk = await slow.chunk(); chunk !== undefined; chunk = await slow.chunk()) bytes += chunk.length
  equal(bytes, body.length + 5)
  ok(slow.hasLastChunk)
  await endWell(stage)
})

test('long polls keep no more than they may, and those beyond are answered at once', async t => {
  const { origin, stage } = await openScene(t, { RINGCAST_GRIP_STORED_BYTES_MAX: '1048576' })
  const body = 'x'.repeat(90_000)
  origin.script({
    path: '/stored',
    answers: [
      {
        pieces: [
          `${ok200}Grip-Hold: response\r\nGrip-Channel: p\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        ],
      },
    ],
  })
  const room = Math.floor(1_048_576 / (body.length + 200))
  const clients = Array.from({ length: 40 }, () => stage.get('/stored'))
  const isAnswered = (client: RawClient) => client.size > body.length
  await until(
    'those beyond to be answered',
    () => clients.filter(isAnswered).length === clients.length - room,
  )
  equal(await stage.count('holds'), room)
  equal(await stage.count('pollsUnheld'), clients.length - room)
  for (const client of clients.filter(isAnswered)) equal(String((await client.answer()).body), body)
  const left = clients.filter(client => client.size === 0)
  await stage.publish({ channel: 'p', formats: { 'http-response': { body: 'news' } } })
  for (const client of left) equal(String((await client.answer()).body), 'news')
  equal(await stage.count('storedBytes'), 0)
  // There is room again.
  stage.get('/stored')
  await stage.held(1)
  await endWell(stage)
})

test('who is asked for again and cannot be told everything is cut', async t => {
  const { origin, stage } = await openScene(t, { RINGCAST_DRAIN_TIMEOUT_MS: '2000' })
  origin.script({
    path: '/again',
    answers: [
      { pieces: [`${ok200}Grip-Hold: response\r\nGrip-Channel: p\r\nContent-Length: 0\r\n\r\n`] },
      { pieces: [''], delayMs: never },
    ],
  })
  const client = stage.get('/again')
  await stage.held(1)
  await stage.publish({ channel: 'p', formats: { 'http-response': { action: 'hint' } } })
  await until('it to be asked for again', () => origin.received('/again').length === 2)
  const body = 'x'.repeat(400_000)
  for (let count = 0; count < 3; count++) {
    ok(!client.closed)
    await stage.publish({ channel: 'p', formats: { 'http-response': { body } } })
  }
  equal(String(await client.ended()), '')
  await endWell(stage)
})

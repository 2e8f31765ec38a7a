// The end of a worker, and of the daemon, with clients in every state (issue 15): whoever is elsewhere notices nothing, whoever was
// there sees a cut, nothing acknowledged is lost; and a stop ends everything in order.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { demand } from '../../helpers/faulty/demand.ts'
import { type GripStage, startGrip } from '../../helpers/grip-stage.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest } from '../../helpers/raw-http.ts'
import { RawOrigin } from '../../helpers/raw-origin.ts'
import { until } from '../../helpers/until.ts'

const ok200 = 'HTTP/1.1 200 OK\r\n'
const never = 3_600_000
const each = 12
const workers = 3

async function openOrigin(t: TestContext): Promise<RawOrigin> {
  const origin = await RawOrigin.open()
  t.after(() => origin.close())
  const stream = `${ok200}Grip-Hold: stream\r\nGrip-Channel: news\r\n`
  origin.script({ path: '/stream', answers: [{ pieces: [`${stream}Content-Length: 5\r\n\r\nopen\n`] }] })
  origin.script({
    path: '/poll',
    answers: [
      { pieces: [`${ok200}Grip-Hold: response\r\nGrip-Channel: polls\r\nContent-Length: 7\r\n\r\nstored\n`] },
    ],
  })
  origin.script({
    path: '/pages',
    answers: [
      { pieces: [`${stream}Grip-Link: </never>; rel=next; timeout=0\r\nContent-Length: 5\r\n\r\nopen\n`] },
    ],
  })
  origin.script({ path: '/never', answers: [{ pieces: [''], delayMs: never }] })
  origin.script({
    path: '/half',
    answers: [{ pieces: [`${ok200}Content-Length: 8\r\n\r\nhalf`, 'half'], gapMs: never }],
  })
  return origin
}

interface Crowd {
  readonly streams: readonly RawClient[]
  readonly polls: readonly RawClient[]
  readonly paging: readonly RawClient[]
  readonly asking: readonly RawClient[]
  readonly relayed: readonly RawClient[]
}

async function gather(stage: GripStage): Promise<Crowd> {
  const many = (target: string) => Array.from({ length: each }, () => stage.get(target))
  const crowd = {
    streams: many('/stream'),
    polls: many('/poll'),
    paging: many('/pages'),
    asking: many('/never'),
    relayed: many('/half'),
  }
  const begun = [...crowd.streams, ...crowd.paging, ...crowd.relayed]
  await Promise.all(
    begun.map(client => client.waitFor('its beginning', () => /open\n|half/.test(client.text))),
  )
  await stage.held(3 * each)
  await until('all to be asked for', async () => (await stage.count('asking')) === each)
  return crowd
}

/** Publishes numbers one after the other, as long as it runs, and notes those that were acknowledged. */
class Numbers {
  readonly acknowledged: number[] = []
  readonly #stage: GripStage
  #isRunning = true
  readonly #over: Promise<void>

  constructor(stage: GripStage) {
    this.#stage = stage
    this.#over = this.#run()
  }

  stop(): Promise<void> {
    this.#isRunning = false
    return this.#over
  }

  async #run(): Promise<void> {
    for (let number = 1; this.#isRunning; number++) {
      const items = [{ channel: 'news', formats: { 'http-stream': { content: `<${number}>` } } }]
      const client = new RawClient(this.#stage.control)
      try {
        const body = JSON.stringify({ items })
        const { status } = await client
          .send(encodeRequest({ method: 'POST', target: '/publish/', body }))
          .answer()
        if (status === 200) this.acknowledged.push(number)
      } catch {
        // Its worker died: whether it was published nobody knows.
      }
      client.leave()
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  }
}

const numbersOf = (client: RawClient) =>
  [...client.text.matchAll(/<(\d+)>/g)].map(([, number]) => Number(number))

for (const isTls of [false, true]) {
  const over = isTls ? ' over TLS' : ''
  test(`a worker that dies takes its own clients${over} along, torn, and nobody else’s`, async t => {
    const origin = await openOrigin(t)
    const stage = await startGrip(t, {
      routes: `* ${origin.address}`,
      workers,
      main: new URL('../../helpers/faulty/main.ts', import.meta.url),
      environment: { RINGCAST_ONLY: 'grip,faulty', RINGCAST_ENGINE_ATTACH_TIMEOUT_MS: '60000' },
      isTls,
    })
    const crowd = await gather(stage)
    const all = Object.values(crowd).flat()
    const numbers = new Numbers(stage)
    await until('some numbers', () => numbers.acknowledged.length > 20)
    const before = await stage.daemon.statistics(workers)
    for (let slot = 0; slot < workers; slot++) ok((before[slot]?.['grip']?.['holds'] ?? 0) >= 0)
    const doomed = before.map(counts => counts['grip']?.['holds'] ?? 0)
    t.diagnostic(`held by worker: ${doomed.join(', ')}`)
    const seen = stage.daemon.log.length
    const victim = await demand(stage.daemon, 1, '/throw/handler')
    await until('another worker', () =>
      stage.daemon.log.slice(seen).some(({ msg }) => msg === 'a new worker serves'),
    )
    victim.leave()
    await until('more numbers', () => numbers.acknowledged.length > 60)
    await numbers.stop()
    const last = numbers.acknowledged.at(-1) ?? 0
    const left = crowd.streams.filter(client => !client.closed)
    await until('the last number', () => left.every(client => numbersOf(client).at(-1) === last))
    const heldAfter = [...crowd.streams, ...crowd.polls, ...crowd.paging].filter(
      client => client.closed,
    ).length
    equal(heldAfter, doomed[1], 'as many are gone as the worker held')
    for (const client of crowd.streams) {
      const came = numbersOf(client)
      const [first = 0, end = 0] = [came[0], came.at(-1)]
      deepEqual(
        came.filter((number, index) => index > 0 && number <= (came[index - 1] ?? 0)),
        [],
        'in order, none twice',
      )
      const missed = numbers.acknowledged.filter(n => n > first && n < end && !came.includes(n))
      deepEqual(missed, [], 'nothing acknowledged is missing')
      if (client.closed) ok(!client.text.endsWith('0\r\n\r\n'), 'who was there sees a cut')
    }
    for (const client of [...crowd.polls, ...crowd.asking].filter(({ closed }) => closed))
      equal(client.text, '')
    t.diagnostic(`${all.filter(({ closed }) => closed).length} of ${all.length} clients were cut`)
    // The others' long polls are answered as ever.
    const polls = crowd.polls.filter(({ closed }) => !closed)
    await stage.publish({ channel: 'polls', formats: { 'http-response': { body: 'news' } } })
    for (const client of polls) equal(String((await client.answer()).body), 'news')
    for (const client of all) client.leave()
    equal(await stage.daemon.stop(), 0)
    deepEqual(stage.daemon.errors, [])
  })
}

describe('a stop', () => {
  for (const isTls of [false, true]) {
    const over = isTls ? ' over TLS' : ''
    test(`answers long polls${over}, ends streams in order, waits for calls, and is over in its time`, t =>
      stopsInOrder(t, isTls))
  }

  test('is over in its time where origins and clients do nothing', async t => {
    const origin = await openOrigin(t)
    const stage = await startGrip(t, { routes: `* ${origin.address}`, workers: 2, environment: {} })
    const { asking, relayed } = await gather(stage)
    const fromMs = performance.now()
    equal(await stage.daemon.stop(), 0)
    t.diagnostic(`stopped in ${Math.round(performance.now() - fromMs)} ms`)
    for (const client of [...asking, ...relayed]) {
      await client.ended()
      ok(!client.text.includes('halfhalf'))
    }
    deepEqual(stage.daemon.errors, [])
  })
})

async function stopsInOrder(t: TestContext, isTls: boolean): Promise<void> {
  const origin = await openOrigin(t)
  origin.script({
    path: '/soon',
    answers: [{ pieces: [`${ok200}Content-Length: 8\r\n\r\nhalf`, 'half'], delayMs: 100, gapMs: 300 }],
  })
  const stage = await startGrip(t, { routes: `* ${origin.address}`, workers: 2, isTls })
  const crowd = await gather(stage)
  for (const client of [...crowd.asking, ...crowd.relayed]) client.leave()
  await until('those to be gone', async () => (await stage.count('asking')) === 0)
  const soon = Array.from({ length: each }, () => stage.get('/soon'))
  await until('calls to be under way', () => origin.received('/soon').length === each)
  const fromMs = performance.now()
  equal(await stage.daemon.stop(), 0)
  t.diagnostic(`stopped in ${Math.round(performance.now() - fromMs)} ms`)
  for (const client of crowd.polls) {
    const { status, body } = await client.answer()
    deepEqual([status, String(body)], [200, 'stored\n'])
  }
  for (const client of soon) equal(String((await client.answer()).body), 'halfhalf')
  for (const client of [...crowd.streams, ...crowd.paging]) {
    await client.ended()
    ok(client.text.endsWith('0\r\n\r\n'))
  }
  deepEqual(stage.daemon.errors, [])
}

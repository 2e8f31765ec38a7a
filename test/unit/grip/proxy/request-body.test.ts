// The body of a request on its way to an origin, and again on its way there (contract §4.5).
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { StoredBytes } from '../../../../src/frontends/grip/hold/stored-bytes.ts'
import { RequestBody } from '../../../../src/frontends/grip/proxy/request-body.ts'
import type { OutgoingBody } from '../../../../src/net/outgoing/outgoing-body.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { intakeWith } from '../../../helpers/intake.ts'
import { FakeBody } from './given-origin.ts'

/** Reads a source as a call would; `takes`: whether it takes more. */
function read(source: OutgoingBody, takes = () => true) {
  const got = { text: '', isWhole: false }
  source.start(
    piece => {
      got.text += Buffer.from(piece)
      return takes()
    },
    () => {
      got.isWhole = true
    },
  )
  return got
}

function scene(length: number | undefined, bounds = boundsOf()) {
  const client = new FakeBody(length)
  const body = new RequestBody(client, bounds)
  let [ready, crowdedOut] = [0, 0]
  body.prepare(
    () => ready++,
    () => crowdedOut++,
  )
  const held = () => [bounds.intake.counters.bodiesBytes, bounds.stored.bytes]
  return { client, body, ready: () => ready, crowdedOut: () => crowdedOut, held }
}

function boundsOf(storedBytesMax = 1_000_000, clock = new FakeClock()) {
  const intake = intakeWith(clock, { bodiesBytesMax: 20_000, bodyMsMax: 500 })
  return { clock, intake, stored: new StoredBytes(() => storedBytesMax) }
}

function streamOf(body: RequestBody): OutgoingBody {
  const source = body.source()
  if (source === undefined || source instanceof Uint8Array) throw new Error('it is no stream')
  return source
}

function textOf(body: RequestBody): string {
  const source = body.source()
  if (!(source instanceof Uint8Array)) throw new Error('it is not at hand')
  return Buffer.from(source).toString()
}

describe('a body', () => {
  test('that is none is ready at once, and none is sent', () => {
    const { body, ready } = scene(0)
    equal(ready(), 1)
    equal(body.source(), undefined)
    ok(body.isKept)
  })

  test('that is short waits for its end, and may be sent as often as needed', () => {
    const { client, body, ready } = scene(undefined)
    client.send(3)
    equal(ready(), 0)
    client.send(2)
    client.end()
    equal(ready(), 1)
    deepEqual([textOf(body), textOf(body)], ['xxxxx', 'xxxxx'])
  })

  test('that is longer leaves as it comes, with its length, and waits where nobody takes it', () => {
    const { client, body, ready } = scene(30_000)
    client.send(16_384)
    equal(ready(), 0)
    client.send(1)
    equal(ready(), 1)
    deepEqual(client.told, ['pause'])
    const source = streamOf(body)
    equal(source.length, 30_000)
    let takes = true
    const got = read(source, () => takes)
    deepEqual([got.text.length, client.told.pop()], [16_385, 'resume'])
    takes = false
    client.send(13_615)
    equal(client.told.pop(), 'pause')
    source.drained()
    equal(client.told.pop(), 'resume')
    client.end()
    ok(got.isWhole)
    equal(got.text, 'x'.repeat(30_000))
  })

  test('of up to 100,000 bytes may be sent again, though it has left once', () => {
    const { client, body } = scene(100_000)
    client.send(50_000)
    read(streamOf(body))
    ok(!body.isKept)
    client.send(50_000)
    client.end()
    ok(body.isKept)
    equal(textOf(body), 'x'.repeat(100_000))
  })

  test('of more may not', () => {
    const { client, body } = scene(100_001)
    client.send(50_000)
    const got = read(streamOf(body))
    client.send(50_001)
    client.end()
    ok(got.isWhole)
    ok(!body.isKept)
  })

  test('that is not sent again is not kept, and what is under way goes on', () => {
    const whole = scene(undefined)
    whole.client.send(3)
    whole.client.end()
    deepEqual(whole.held(), [0, 3])
    whole.body.forget()
    deepEqual([whole.body.isKept, ...whole.held()], [false, 0, 0])
    const { client, body, held } = scene(30_000)
    client.send(20_000)
    const got = read(streamOf(body))
    body.forget()
    client.send(10_000)
    client.end()
    deepEqual([held(), got.text.length, got.isWhole], [[0, 0], 30_000, true])
  })

  test('goes whole to the next target where none of it has left', () => {
    const { client, body } = scene(30_000)
    client.send(20_000)
    streamOf(body).stop()
    const got = read(streamOf(body))
    client.send(10_000)
    client.end()
    deepEqual([got.text.length, got.isWhole], [30_000, true])
  })

  test('that nobody wants any more is dropped', () => {
    const { client, body } = scene(30_000)
    client.send(20_000)
    const source = streamOf(body)
    const got = read(source)
    source.stop()
    client.send(10_000)
    equal(got.text.length, 20_000)
  })
})

describe('what bodies hold', () => {
  test('is little more than they are, however small their pieces', () => {
    const { client, body, held } = scene(undefined)
    for (let sent = 0; sent < 10_000; sent++) client.send(1)
    const [collected = 0] = held()
    ok(10_000 <= collected && collected < 20_000, `${collected} bytes`)
    client.end()
    equal(textOf(body).length, 10_000)
    body.drop()
    deepEqual(held(), [0, 0])
  })

  test('is bounded while they are collected: the oldest is refused, and is heard of no more', () => {
    const bounds = boundsOf()
    const [old, young] = [scene(undefined, bounds), scene(undefined, bounds)]
    old.client.send(12_000)
    young.client.send(8_000)
    deepEqual([old.crowdedOut(), ...old.held()], [0, 20_000, 0])
    young.client.send(1)
    deepEqual([old.crowdedOut(), young.crowdedOut(), old.ready()], [1, 0, 0])
    old.client.send(1)
    old.client.end()
    young.client.end()
    deepEqual([old.ready(), young.ready(), old.held()[0]], [0, 1, 0])
  })

  test('is not waited for without end: one that is slow leaves as it comes', () => {
    const bounds = boundsOf()
    const { client, body, ready, held } = scene(9, bounds)
    client.send(5)
    bounds.clock.advance(500)
    deepEqual([ready(), client.told, held()], [1, ['pause'], [0, 5]])
    const got = read(streamOf(body))
    client.send(4)
    client.end()
    deepEqual([got.text, got.isWhole, body.isKept, textOf(body)], ['xxxxxxxxx', true, true, 'xxxxxxxxx'])
  })

  test('is not kept where there is no room, and leaves whole all the same', () => {
    const bounds = boundsOf(10)
    const whole = scene(undefined, bounds)
    whole.client.send(11)
    whole.client.end()
    deepEqual([whole.ready(), whole.body.isKept, whole.held()], [1, false, [11, 0]])
    const got = read(streamOf(whole.body))
    deepEqual([got.text.length, got.isWhole, whole.held()], [11, true, [0, 0]])

    const longer = scene(30_000, boundsOf(25_000))
    longer.client.send(20_000)
    const passed = read(streamOf(longer.body))
    deepEqual(longer.held(), [0, 20_000])
    longer.client.send(10_000)
    longer.client.end()
    deepEqual([passed.text.length, longer.body.isKept, longer.held()], [30_000, false, [0, 0]])
  })

  test('that waits for its origin with no room to be kept is bounded, too', () => {
    const bounds = boundsOf(10)
    const waiting = scene(undefined, bounds)
    waiting.client.send(15_000)
    waiting.client.end()
    const next = scene(undefined, bounds)
    next.client.send(6_000)
    deepEqual([waiting.crowdedOut(), next.held()], [1, [6_000, 0]])
  })
})

// The body of a request on its way to an origin, and again on its way there (contract §4.5).
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RequestBody } from '../../../../src/frontends/grip/proxy/request-body.ts'
import type { GateBody } from '../../../../src/net/gate/gate-exchange.ts'
import type { OutgoingBody } from '../../../../src/net/outgoing/outgoing-body.ts'

/** A client that sends what a test says. */
class FakeBody implements GateBody {
  readonly length: number | undefined
  readonly told: string[] = []
  #onChunk: (piece: Buffer) => void = () => {}
  #onEnd: () => void = () => {}

  constructor(length: number | undefined) {
    this.length = length
  }

  read(onChunk: (piece: Buffer) => void, onEnd: () => void): void {
    this.#onChunk = onChunk
    this.#onEnd = onEnd
  }

  pause(): void {
    this.told.push('pause')
  }

  resume(): void {
    this.told.push('resume')
  }

  /** The piece is written over as soon as the callback has returned. */
  send(bytes: number): void {
    const piece = Buffer.alloc(bytes, 'x')
    this.#onChunk(piece)
    piece.fill('?')
  }

  end(): void {
    this.#onEnd()
  }
}

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

function scene(length: number | undefined) {
  const client = new FakeBody(length)
  const body = new RequestBody(client)
  let ready = 0
  body.prepare(() => ready++)
  return { client, body, ready: () => ready }
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
    equal(whole.body.keptBytes, 3)
    whole.body.forget()
    deepEqual([whole.body.isKept, whole.body.keptBytes], [false, 0])
    const { client, body } = scene(30_000)
    client.send(20_000)
    const got = read(streamOf(body))
    body.forget()
    client.send(10_000)
    client.end()
    deepEqual([body.keptBytes, got.text.length, got.isWhole], [0, 30_000, true])
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

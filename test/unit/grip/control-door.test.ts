// The control door at work: who may publish, what reaches the engine, and what is answered (contract §6.1; §14, fault 3).
import { deepEqual, equal, match } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { Engine } from '../../../src/engine/engine.ts'
import type { PublishOutcome } from '../../../src/engine/router.ts'
import type { Draft } from '../../../src/engine/words/publication.ts'
import { Control } from '../../../src/frontends/grip/control/control.ts'
import { type ControlCredentials, mayPublishWith } from '../../../src/frontends/grip/control/credentials.ts'
import type { GateBody } from '../../../src/net/gate/gate-exchange.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { intakeWith } from '../../helpers/intake.ts'
import { FakeBody, FakeExchange } from './proxy/given-origin.ts'

const none: ControlCredentials = { controlSecret: [], controlUser: '' }

describe('who may publish', () => {
  const may = (credentials: ControlCredentials, headers: Readonly<Record<string, string>>) =>
    mayPublishWith(credentials)({ header: name => headers[name] })
  const basic = (text: string) => Buffer.from(text).toString('base64')

  test('is everybody without a secret, but no page that a browser has open', () => {
    equal(may(none, {}), true)
    equal(may(none, { authorization: 'Bearer whatever' }), true)
    equal(may(none, { origin: 'http://page' }), false)
    equal(may(none, { origin: 'null' }), false)
  })

  test('is who presents the secret, as a bearer or as the password of the user', () => {
    const bearer: ControlCredentials = { controlSecret: ['one', 'two'], controlUser: '' }
    const user: ControlCredentials = { controlSecret: ['one'], controlUser: 'me' }
    const rows: readonly [may: boolean, credentials: ControlCredentials, authorization: string][] = [
      [true, bearer, 'Bearer one'],
      [true, bearer, 'Bearer two'],
      [false, bearer, 'Bearer three'],
      [false, bearer, 'Bearer '],
      [false, bearer, `Basic ${basic(':one')}`],
      [true, user, 'Bearer one'],
      [true, user, `Basic ${basic('me:one')}`],
      [true, user, `basic  ${basic('me:one')}`],
      [false, user, `Basic ${basic('you:one')}`],
      [false, user, 'Basic one'],
    ]
    for (const [expected, credentials, authorization] of rows) {
      equal(may(credentials, { authorization }), expected, authorization)
    }
    equal(may(bearer, {}), false)
    equal(may(bearer, { authorization: 'Bearer one', origin: 'http://page' }), true)
  })
})

/** What came of a request with that body. */
class Scene {
  readonly drafts: Draft[] = []
  readonly lines: string[] = []
  readonly counters = { publishes: 0, publishesRefused: 0 }
  outcome: PublishOutcome | undefined
  recovered = 0
  mayPublish = true
  bodyBytesMax = 1_000_000
  readonly clock = new FakeClock()
  readonly intake = intakeWith(this.clock, { bodiesBytesMax: 2_000, bodyMsMax: 500 })
  /** What owners say, once they do. */
  readonly answers: (() => void)[] = []
  readonly control = new Control({
    engine: {
      publishBatch: (drafts: readonly Draft[], done: (outcomes: readonly PublishOutcome[]) => void) => {
        this.drafts.push(...drafts)
        this.answers.push(() =>
          done(drafts.map(() => this.outcome ?? ({ fate: 'held', duplicate: false } as never))),
        ) // one that is no refusal
      },
    } as unknown as Engine, // all that it uses
    counters: this.counters,
    lines: { refused: (code, status) => void this.lines.push(`${code} ${status}`) },
    intake: this.intake,
    bodyBytesMax: () => this.bodyBytesMax,
    mayPublish: () => this.mayPublish,
    recover: done => {
      this.recovered++
      done()
    },
  })

  post(text: string, target = '/publish/'): FakeExchange {
    const body: GateBody = {
      length: text.length,
      read(onChunk, onEnd) {
        // Pieces are written over once they were handed on.
        for (let at = 0; at < text.length; at += 10) {
          const piece = Buffer.from(text.slice(at, at + 10))
          onChunk(piece)
          piece.fill('?')
        }
        onEnd()
      },
      pause() {},
      resume() {},
    }
    const rawHeaders = ['Content-Length', String(text.length)]
    const exchange = new FakeExchange(target, { method: 'POST', rawHeaders, body })
    this.control.handle(exchange)
    return exchange
  }

  /** A request whose body of so many bytes is about to come. */
  begin(length: number): { readonly client: FakeExchange; readonly body: FakeBody } {
    const body = new FakeBody(length)
    const rawHeaders = ['Content-Length', String(length)]
    const client = new FakeExchange('/publish/', { method: 'POST', rawHeaders, body })
    this.control.handle(client)
    return { client, body }
  }
}

const item = (channel: string) => ({ channel, formats: { 'http-stream': { content: 'x' } } })
const items = (...channels: string[]) => JSON.stringify({ items: channels.map(item) })

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})

describe('a body of items', () => {
  test('is published in order, and answered when the owners have answered', () => {
    const client = scene.post(items('a', 'b', 'a'))
    deepEqual(
      scene.drafts.map(({ channel, via }) => `${via} ${channel}`),
      ['grip a', 'grip b', 'grip a'],
    )
    deepEqual(client.got, [])
    scene.answers[0]?.()
    deepEqual(client.got, ['200 Published\n'])
    deepEqual([scene.counters, scene.lines], [{ publishes: 3, publishesRefused: 0 }, []])
  })

  test('with one that is none publishes none', () => {
    const client = scene.post(JSON.stringify({ items: [item('a'), {}] }))
    deepEqual(scene.drafts, [])
    deepEqual(client.got, ["400 Invalid format: publish item object does not contain 'channel'\n"])
    for (const name of ['x'.repeat(1_025), '\u0001x']) {
      const { got } = scene.post(items('a', name))
      match(got[0] ?? '', /^400 Invalid format: publish item object contains 'channel' with invalid value/)
    }
    deepEqual([scene.drafts, scene.counters.publishesRefused], [[], 3])
    deepEqual(scene.lines, ['publish-refused 400', 'publish-refused 400', 'publish-refused 400'])
  })

  test('that an owner does not take is refused', () => {
    scene.outcome = 'owner-lost'
    const client = scene.post(items('a'))
    scene.answers[0]?.()
    match(client.got[0] ?? '', /^503 .*owner-lost/)
    deepEqual([scene.counters, scene.lines], [{ publishes: 0, publishesRefused: 1 }, ['publish-refused 503']])
  })

  test('of nobody is not looked at', () => {
    scene.mayPublish = false
    const client = scene.post('{')
    match(client.got[0] ?? '', /^401 /)
    deepEqual(scene.lines, ['not-allowed 401'])
  })

  test('that does not come in its time is refused', () => {
    const { client, body } = scene.begin(300)
    body.send(299)
    equal(scene.intake.counters.bodiesBytes, 299)
    scene.clock.advance(499)
    deepEqual(client.got, [])
    scene.clock.advance(1)
    deepEqual([client.got, scene.intake.counters.bodiesBytes], [['408 the body took too long\n'], 0])
    deepEqual(scene.lines, ['publish-refused 408'])
  })

  test('is refused where all together hold too much, and it is the oldest', () => {
    const [old, young] = [scene.begin(1_500), scene.begin(1_500)]
    old.body.send(1_000)
    young.body.send(1_000)
    deepEqual([old.client.got, young.client.got], [[], []])
    young.body.send(1)
    deepEqual(
      [old.client.got, young.client.got],
      [['408 too many bodies at once, and this one is the oldest\n'], []],
    )
    young.client.leave()
    equal(scene.intake.counters.bodiesBytes, 0)
  })

  test('is as large as it may be now', () => {
    scene.bodyBytesMax = 10
    match(scene.post(items('a')).got[0] ?? '', /^400 Request body too large/)
  })
})

test('whoever asks that all be looked at anew is told when it is', () => {
  deepEqual(scene.post('', '/recover').got, ['200 Updated\n'])
  equal(scene.recovered, 1)
})

test('a head that cannot be read is answered in the words of the original', () => {
  const texts = (['invalid-length', 'head-too-large', 'invalid-token'] as const).map(fault =>
    scene.control.refusal(fault).toString(),
  )
  deepEqual(
    texts.map(text => text.split('\r\n\r\n')[1]),
    ['Bad Content-Length.\n', 'Request header too large.\n', 'Failed to parse request header.\n'],
  )
})

// How Pinghub's rows are sent and its WebSockets are read, frame by frame.
import assert, { deepEqual, equal, match, ok } from 'node:assert/strict'
import { type Frame, frame, frameAt, opcode, RawWebSocket } from '../../helpers/raw-websocket.ts'
import type { Dialect, Kind, SeriesDialect, Stage } from '../dialect.ts'
import { restOf } from '../reading.ts'
import { playWith } from '../session.ts'
import type { OwnExpect, OwnSend } from './vocabulary.ts'

const reasons = [
  'not-allowed',
  'overloaded',
  'owner-lost',
  'draining',
  'handshake-faulty',
  'handshake-method',
]
const paths = ['target-malformed', 'path-not-utf8', 'path-length', 'path-reserved']
const others = ['origin-refused', ...paths, 'method-not-allowed']
const bodies = ['page-off', 'body-too-large', 'body-not-utf8', 'too-many-sockets']

export const refusalCounters = [
  'pongsMissed',
  ...[...reasons, ...others, ...bodies].map(reason => `refused.${reason}`),
]

const series: SeriesDialect = {
  publish: ({ target }, content) => ({ method: 'POST', target, body: content, status: 200 }),
  contentOf: textOf,
}

const dialect: Dialect<OwnSend, OwnExpect> = {
  series,

  /** Frames in hexadecimal, as the wire has them. */
  reader(client, head) {
    const socket = new RawWebSocket(client, head)
    let seen = 0
    return {
      async next() {
        const came = await client.waitFor<Frame | true>('a frame', () => {
          socket.read()
          return socket.frames[seen] ?? client.closed
        })
        if (came === true) return undefined
        seen++
        const { code, fin, payload, reserved } = came
        return frame(code, payload, { masked: false, fin, reserved }).toString('hex')
      },
    }
  },

  isBeat: part => part.startsWith('89'),

  async step(send, expected, stage) {
    const subscriber = stage.subscriber(send.subscriber)
    if (send.kind === 'chat') return chat(send, expected, stage)
    equal(expected.kind, 'done')
    subscriber.client.send(send.bytes)
    stage.published(subscriber.channel, subscriber.slot, send.publishes)
  },

  async read({ reader }, expected) {
    const { code, fin, payload } = parse(await reader.next())
    if (expected.kind === 'sized')
      return deepEqual([code, fin, payload.length], [expected.code, true, expected.bytes])
    equal(code, opcode.binary)
    const { ringcast } = JSON.parse(payload.toString())
    equal(ringcast.gap, expected.gap)
    match(ringcast.position, /^[0-9a-f]+\.\d+$/)
  },
}

export const play = playWith(() => dialect)

async function chat(
  { everyMs, subscriber: name }: Extract<OwnSend, { kind: 'chat' }>,
  expected: Kind,
  stage: Stage,
): Promise<void> {
  const subscriber = stage.subscriber(name)
  const { channel, client, slot } = subscriber
  const { offset: earlier } = await stage.ground.ownerView(channel)
  const at = stage.happened.length
  let sent = 0
  while (!client.closed) {
    client.send(frame(opcode.text, String(sent++)))
    await new Promise(resolve => setTimeout(resolve, everyMs))
  }
  const heard = await restOf(subscriber, dialect)
  await stage.step({ kind: 'read', subscriber: name }, expected)
  // The owner has heard that the client left, and so all that came from it before.
  const published = (await stage.ground.ownerView(channel)).offset - earlier
  deepEqual(
    heard.map(textOf),
    Array.from(heard, (_, index) => String(index)),
  )
  // What was sent as the connection ended may not have arrived, and the last of what arrived not have come back.
  ok(published >= sent - 2 && published <= sent, `${published} of ${sent} were published`)
  ok(heard.length > 1 && heard.length <= published, `${heard.length} of ${published} came back`)
  stage.published(channel, slot, published, at)
}

/** Of a whole text message. */
function textOf(part: string): string {
  const { code, fin, payload } = parse(part)
  deepEqual([code, fin], [opcode.text, true])
  return payload.toString()
}

function parse(part = ''): Frame {
  const parsed = frameAt(Buffer.from(part, 'hex'), 0)
  assert(parsed, 'a whole frame')
  return parsed.frame
}

// What only these three protocols say of one another's publications: sizes at the limits of a frame and of a message, and a
// star in a name.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { protocol as pinghub, readSocket } from '../conformance/pinghub/protocol.ts'
import { EventStream } from '../conformance/pushy/client.ts'
import { protocol as pushy, readEvents } from '../conformance/pushy/protocol.ts'
import { tokenFor } from '../conformance/pushy/vocabulary.ts'
import { readUntilEnd, protocol as rpushd } from '../conformance/rpushd/protocol.ts'
import { type Ground, startGround } from '../helpers/protocols/ground.ts'
import { omitted, opened, type Protocol, type Reader, send } from '../helpers/protocols/protocol.ts'
import { RawClient } from '../helpers/raw-client.ts'

/** The largest publication here as pushy renders it, so that nobody who reads it in one piece is too slow. */
const outboxes = {
  RINGCAST_ENGINE_OUTBOX_BYTES_MAX: '8388608',
  RINGCAST_ENGINE_CONNECTION_BYTES_MAX: '8388608',
}

let ground: Ground
const readers: Reader[] = []

before(async () => {
  ground = await startGround(outboxes)
})

after(async () => {
  for (const reader of readers) reader.leave()
  equal(await ground.stop(), 0)
  deepEqual(ground.daemon.errors, [])
})

async function read(protocol: Protocol, channel: string): Promise<Reader> {
  const reader = await opened(protocol.read(ground.at(protocol, channel, 2), channel))
  readers.push(reader)
  return reader
}

async function publish(channel: string, content: string | Uint8Array) {
  return pinghub.publish(ground.at(pinghub, channel, 1), channel, content)
}

test('what Pinghub is sent and is no UTF-8 is refused', async () => {
  match((await publish('bytes', Buffer.from([0xff]))).body, /UTF-8/)
})

describe('sizes', () => {
  test('what grows sixfold as JSON still reaches pushy whole', async () => {
    const channel = 'size-nul'
    const all = await Promise.all([rpushd, pinghub, pushy].map(protocol => read(protocol, channel)))
    equal((await publish(channel, Buffer.alloc(1_048_576))).status, 200)
    const [frame, message, event] = await Promise.all(
      all.map(async reader => (await reader.next(1))[0] ?? ''),
    )
    equal(frame, omitted)
    equal(message?.length, 1_048_576)
    equal(event?.length, '{"data":""}'.length + 6 * 1_048_576)
  })

  test('a frame of rpushd holds 65,535 bytes; an ordinary stream ends where one is missing', async () => {
    const channel = 'size-frame'
    const reader = await read(rpushd, channel)
    const rest = await readUntilEnd(ground.at(rpushd, channel, 2), channel)
    for (const letters of [65_533, 65_534]) {
      equal((await publish(channel, 'x'.repeat(letters))).status, 200)
    }
    const [first, second] = await reader.next(2)
    deepEqual([first?.length, second], [65_535, omitted])
    deepEqual(
      (await rest()).map(text => text.length),
      [65_535],
    )
  })

  test('a Pinghub WebSocket publishes 65,536 bytes, and is told by 1009 where it sends more', async () => {
    const channel = 'size-socket'
    const frames = await read(rpushd, channel)
    const events = await read(pushy, channel)
    const socket = await readSocket(ground.daemon.address('pinghub'), channel)
    ok('say' in socket)
    readers.push(socket)
    socket.say('{"a":1}')
    socket.say(Buffer.from('[1]'))
    socket.say('x'.repeat(65_536))
    deepEqual(await frames.next(3), ['{"a":1}', '[1]', omitted])
    const [first, second, third] = await events.next(3)
    deepEqual([first, second, third?.length], ['{"a":1}', '{"data":[1]}', '{"data":""}'.length + 65_536])
    socket.say('x'.repeat(65_537))
    equal(await socket.closeCode(), 1009)
  })
})

test('with a star is read by POST /sse in pushy; in the address of a stream it is a pattern', async () => {
  const connection = new RawClient(ground.daemon.address('pushy'))
  const headers = { authorization: `Bearer ${tokenFor('*')}`, 'content-type': 'application/json' }
  send(connection, 'POST', '/sse', headers, '{"channels":["star.*"]}')
  equal((await connection.head()).status, 200)
  const events = new EventStream(connection)
  const pattern = await opened(readEvents(ground.daemon.address('pushy'), 'star.*'))
  readers.push(pattern)
  for (const [channel, content] of [
    ['star.a', '{"n":1}'],
    ['star.*', '{"n":2}'],
  ] as const) {
    equal((await publish(channel, content)).status, 200)
  }
  match((await events.event()) ?? '', /^event: message\ndata: {"n":2}\n/)
  deepEqual((await pattern.next(2)).sort(), ['{"n":1}', '{"n":2}'])
  connection.leave()
})

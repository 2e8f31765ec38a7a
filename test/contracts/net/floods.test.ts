// One client that sends faster than it can be handled is closed, with a word where one can be said, and nobody else
// notices. What arrives here in one piece is what a real flood is made of: everything that the library reads at once.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { frame, opcode } from '../../helpers/raw-websocket.ts'
import { serve } from '../../helpers/serve.ts'
import { until } from '../../helpers/until.ts'
import { echo, serveSockets } from './sockets.ts'

/** Some of a turn pass before it is known to have begun. */
const unmeasured = 31
const clientTurnCallbacksMax = 1_000
const atOnce = clientTurnCallbacksMax + unmeasured

const many = (count: number, one: Uint8Array) => Buffer.concat(Array.from({ length: count }, () => one))

const floods = {
  'empty messages': frame(opcode.text, ''),
  'small messages': frame(opcode.text, 'abcdefg'),
  pings: frame(opcode.ping, ''),
  pongs: frame(opcode.pong, ''),
}

describe('a WebSocket', () => {
  for (const [name, one] of Object.entries(floods)) {
    test(`that sends too many ${name} at once is closed with 1008; others notice nothing`, async t => {
      const net = { clientTurnCallbacksMax, controlFramesMax: 1_000_000 }
      const served = await serveSockets(t, { net, heard: echo })
      const [other] = await served.join()
      const [client, ear] = await served.join()
      client.client.send(many(10 * atOnce, one))
      const [code, reason] = (await client.closed()) ?? []
      deepEqual([code, reason], [1008, 'too much at once'])
      deepEqual(ear.closes, [[1008, 'too much at once']])
      equal(served.server.counters.floods, 1)
      ok(ear.messages.length + ear.pongs <= atOnce, 'the rest was not handled')
      other.send(opcode.text, 'still here')
      await other.frame(0)
    })

    test(`that sends as many ${name} as it may stays`, async t => {
      const net = { clientTurnCallbacksMax, controlFramesMax: 1_000_000 }
      const served = await serveSockets(t, { net })
      const [client, ear] = await served.join()
      client.client.send(many(clientTurnCallbacksMax, one))
      client.send(opcode.text, 'last')
      await until('the last message', () => ear.messages.includes('text last'))
      deepEqual(ear.closes, [])
    })
  }

  test('that sends on while something waits for it is cut', async t => {
    const served = await serveSockets(t, {
      net: { clientTurnCallbacksMax },
      settings: { behindBytesMax: 1_000_000_000 },
      heard: ear => void ear.socket?.send(Buffer.alloc(30_000_000), 'binary'),
    })
    const [client, ear] = await served.join()
    client.client.pause()
    client.send(opcode.text, 'a lot')
    await until('it to be sent', () => ear.messages.length === 1)
    client.client.send(many(10 * atOnce, floods.pings))
    await until('it to be cut', () => ear.closes.length === 1)
    deepEqual(ear.closes[0]?.[0], 1006)
  })

  test('may send so many pings and pongs from one of our pings to the next, and not one more', async t => {
    const served = await serveSockets(t, { net: { controlFramesMax: 1 }, settings: { pingMs: 60_000 } })
    const [client, ear] = await served.join()
    client.client.send(many(30, floods.pings)).send(many(30, floods.pongs))
    await until('all of them', () => ear.pongs === 30)
    client.send(opcode.text, 'still here')
    await until('the message', () => ear.messages.length === 1)
    client.client.send(floods.pings)
    deepEqual(await client.closed(), [1008, 'too many pings'])
    equal(served.server.counters.socketsChattering, 1)
  })
})

describe('requests', () => {
  const request = 'GET / HTTP/1.1\r\nhost: t\r\n\r\n'
  const turnRequestsMax = 32

  async function serveRequests(t: TestContext) {
    let handled = 0
    const served = await serve(
      t,
      exchange => {
        handled++
        exchange.reply({ status: 200, body: 'ok' })
      },
      undefined,
      [],
      { turnRequestsMax },
    )
    return { ...served, handled: () => handled }
  }

  test('that are pipelined are answered up to the bound of a turn', async t => {
    const served = await serveRequests(t)
    const client = served.connect().send(request.repeat(turnRequestsMax))
    await client.answers(turnRequestsMax)
    await client.send(request).answers(turnRequestsMax + 1)
    equal(client.closed, false)
  })

  test('beyond it cost their client the connection, and are not handled', async t => {
    const served = await serveRequests(t)
    const client = served.connect().send(request.repeat(10 * turnRequestsMax))
    await client.ended()
    ok(served.handled() <= turnRequestsMax + 1, `${served.handled()} were handled`)
    await served.roundTrip()
  })

  test('of many clients at once are all answered', async t => {
    const served = await serveRequests(t)
    const clients = Array.from({ length: 3 * turnRequestsMax }, () => served.connect())
    for (const client of clients) client.send(request)
    for (const client of clients) await client.answers(1)
    for (const client of clients) await client.send(request).answers(2)
    equal(clients.filter(({ closed }) => closed).length, 0)
  })
})

describe('a body in pieces', () => {
  const head = 'POST / HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n'

  async function serveBodies(t: TestContext) {
    const bodies: (number | undefined)[] = []
    let lost = 0
    const served = await serve(
      t,
      exchange => {
        exchange.onAborted(() => lost++)
        exchange.readBody(1_000_000, body => {
          bodies.push(body?.length)
          exchange.reply({ status: 200 })
        })
      },
      undefined,
      [],
      { clientTurnCallbacksMax: 5_000 },
    )
    return { ...served, bodies, lost: () => lost }
  }

  test('of 1,024 one-byte chunks is taken, of 1,025 answered 400', async t => {
    const served = await serveBodies(t)
    const sound = served.connect().send(`${head}${'1\r\nx\r\n'.repeat(1_023)}0\r\n\r\n`)
    await sound.ended()
    const crumbs = served.connect().send(`${head}${'1\r\nx\r\n'.repeat(1_025)}0\r\n\r\n`)
    await crumbs.ended()
    deepEqual([sound.statuses, crumbs.statuses], [[200], [400]])
    deepEqual([served.bodies, served.lost(), served.server.counters.bodiesInCrumbs], [[1_023], 1, 1])
  })

  const streamed = head.replace('POST', 'GET')
  const consumer = { drained() {}, closed: () => {} }

  test('behind the head of a stream is cut with it', async t => {
    let closed = 0
    const served = await serve(
      t,
      exchange =>
        void exchange.hold({ status: 200 }, Buffer.from('begin'), {
          ...consumer,
          closed: () => void closed++,
        }),
      undefined,
      [],
      { clientTurnCallbacksMax: 5_000 },
    )
    const client = served.connect().send(streamed)
    await client.received('begin')
    client.send('1\r\nx\r\n'.repeat(50_000))
    await client.ended()
    deepEqual([closed, served.server.counters.floods], [1, 1])
  })

  test('that is not over when its stream ends is cut, for nobody could close it later', async t => {
    const served = await serve(t, exchange => {
      const held = exchange.hold({ status: 200 }, Buffer.from('begin'), consumer)
      setImmediate(() => held?.end())
    })
    const client = served.connect().send(`${streamed}5\r\n`)
    await client.ended()
    equal(client.text.endsWith('begin'), true)
    const whole = served.connect().send(`${streamed}0\r\n\r\n`)
    await whole.received('0\r\n\r\n')
  })

  test('that comes too fast to be handled is cut, and the front-end hears it', async t => {
    const served = await serveBodies(t)
    const other = served.connect().send('POST / HTTP/1.1\r\nhost: t\r\ncontent-length: 2\r\n\r\nx')
    const client = served.connect().send(`${head}${'1\r\nx\r\n'.repeat(50_000)}`)
    await client.ended()
    deepEqual([client.statuses, served.lost(), served.server.counters.floods], [[], 1, 1])
    await other.send('y').answers(1)
    deepEqual(served.bodies, [2])
  })
})

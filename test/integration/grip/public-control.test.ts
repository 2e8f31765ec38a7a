// The door of publishers (issue 15): bodies that are none leave it serving, pages in a browser do not come in, and what is published
// says nothing beyond its own place in an answer.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { describe, test } from 'node:test'
import { startGrip } from '../../helpers/grip-stage.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest, headerOf } from '../../helpers/raw-http.ts'
import { RawOrigin } from '../../helpers/raw-origin.ts'

const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))
const bodiesCount = 10_000
const connections = 4

/** A small generator: the same bodies for the same seed. */
function randomFrom(start: number): (below: number) => number {
  let state = start >>> 0
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const sound = JSON.stringify({
  items: [
    {
      channel: 'c',
      id: '1',
      'prev-id': '0',
      meta: { a: 'b' },
      formats: {
        'http-stream': { content: 'x', action: 'send' },
        'http-response': { code: 200, headers: [['a', 'b']], body: 'x' },
        'ws-message': { 'content-bin': 'eA==', action: 'send' },
      },
    },
  ],
})
const odd = [
  'null',
  '[]',
  '{}',
  '-1',
  '1e999',
  '"\\ud800"',
  '[[[[',
  '{"items":',
  '"content-bin":"*"',
  '\0',
  '\xff',
  '9'.repeat(30),
]

/** Sound JSON with one to four things wrong, or garbage. */
function malformed(random: (below: number) => number): Buffer {
  if (random(10) === 0) return Buffer.from(Array.from({ length: random(200) }, () => random(256)))
  let text = sound
  for (let wrong = random(4) + 1; wrong > 0; wrong--) {
    const at = random(text.length)
    const until = at + random(8)
    text = text.slice(0, at) + (random(2) === 0 ? '' : odd[random(odd.length)]) + text.slice(until)
  }
  return Buffer.from(text, 'latin1')
}

describe('the control door', () => {
  test(`goes on after ${bodiesCount} malformed bodies`, async t => {
    t.diagnostic(`seed ${seed}`)
    const stage = await startGrip(t, { routes: '* test', workers: 2 })
    const stream = stage.get('/stream?channel=c')
    equal((await stream.head()).status, 200)
    const statuses = new Map<number, number>()
    const play = async (index: number) => {
      const random = randomFrom(seed + index)
      const client = new RawClient(stage.control)
      for (let count = 0; count < bodiesCount / connections; count++) {
        const body = malformed(random)
        const { status } = await client
          .send(encodeRequest({ method: 'POST', target: '/publish/', body }))
          .answer()
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
      client.leave()
    }
    await Promise.all(Array.from({ length: connections }, (_, index) => play(index)))
    t.diagnostic(JSON.stringify([...statuses]))
    deepEqual(
      [...statuses.keys()].filter(status => status !== 200 && status !== 400),
      [],
    )
    ok((statuses.get(400) ?? 0) > bodiesCount / 2)
    await stage.publish({ channel: 'c', formats: { 'http-stream': { content: 'the last\n' } } })
    await stream.received('the last\n')
    equal(await stage.daemon.stop(), 0)
    deepEqual(stage.daemon.errors, [])
  })

  test('takes nothing from a page in a browser, whatever its name was resolved to', async t => {
    const stage = await startGrip(t, { routes: '* test', workers: 1 })
    const stream = stage.get('/stream?channel=c')
    equal((await stream.head()).status, 200)
    const body = JSON.stringify({
      items: [{ channel: 'c', formats: { 'http-stream': { content: 'forged' } } }],
    })
    const pages = [
      [['origin', 'https://strange.example']],
      [['origin', 'null']],
      // A page whose own name leads here (DNS rebinding) is of the origin that it asks; browsers name that with each POST.
      [
        ['host', 'strange.example:5561'],
        ['origin', 'http://strange.example:5561'],
      ],
      [['origin', `http://${stage.control}`]],
      [
        ['origin', 'http://localhost'],
        ['content-type', 'text/plain'],
      ],
    ] as const
    for (const headers of pages) equal((await stage.post(body, headers)).status, 401)
    const recover = new RawClient(stage.control).send(
      encodeRequest({ method: 'POST', target: '/recover/', headers: [['origin', 'null']], body: '' }),
    )
    equal((await recover.answer()).status, 401)
    recover.leave()
    // No page may ask whether it may.
    const preflight = new RawClient(stage.control).send(
      encodeRequest({
        method: 'OPTIONS',
        target: '/publish/',
        headers: [
          ['origin', 'https://strange.example'],
          ['access-control-request-method', 'POST'],
        ],
      }),
    )
    const told = await preflight.answer()
    ok(told.status >= 400)
    equal(headerOf(told, 'access-control-allow-origin'), undefined)
    preflight.leave()
    await stage.publish({ channel: 'c', formats: { 'http-stream': { content: 'sound\n' } } })
    await stream.received('sound\n')
    ok(!stream.text.includes('forged'))
  })

  test('lets nobody write into the head of an answer', async t => {
    const origin = await RawOrigin.open()
    t.after(() => origin.close())
    const stage = await startGrip(t, { routes: `* ${origin.address}`, workers: 1 })
    const evil = 'x\r\nSet-Cookie: forged=1\r\n\r\nHTTP/1.1 200 OK\r\n\r\nforged'
    const formats: readonly object[] = [
      {
        body: 'b',
        headers: [
          ['X-A', evil],
          ['X-B\r\nSet-Cookie', 'forged=1'],
          ['X-C', 'a\nSet-Cookie: forged=1'],
          ['X-D', 'sound'],
        ],
      },
      {
        body: 'b',
        headers: { 'X-A': evil, 'X-D': 'sound', 'Content-Length': '1', 'Transfer-Encoding': 'chunked' },
      },
      // Characters whose low byte is a line end.
      {
        body: 'b',
        headers: [
          ['X-A', 'a\u010d\u010aSet-Cookie: forged=1'],
          ['X-D', 'sound'],
        ],
      },
      { body: 'b', reason: evil, headers: [['X-D', 'sound']] },
      { body: 'b', reason: 'a\u010d\u010aSet-Cookie: forged=1', headers: [['X-D', 'sound']] },
      { body: 'b', code: 0, headers: [['X-D', 'sound']] },
      { body: 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged', code: 100, headers: [['X-D', 'sound']] },
      { body: 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged', code: 101, headers: [['X-D', 'sound']] },
    ]
    origin.script({
      path: '/poll',
      answers: [
        {
          pieces: ['HTTP/1.1 200 OK\r\nGrip-Hold: response\r\nGrip-Channel: p\r\nContent-Length: 0\r\n\r\n'],
        },
      ],
    })
    for (const format of formats) {
      const client = stage.get('/poll')
      await stage.held(1)
      await stage.publish({ channel: 'p', formats: { 'http-response': format } })
      const { body, ...head } = await client.answer()
      equal(headerOf(head, 'set-cookie'), undefined)
      equal(headerOf(head, 'x-d'), 'sound')
      equal(
        head.headers.filter(([name]) => name === 'content-length' || name === 'transfer-encoding').length,
        1,
      )
      ok(head.status >= 200)
      equal(body.length, Number(headerOf(head, 'content-length')))
      equal(client.text, '', 'nothing follows the answer')
      client.leave()
    }
    equal(await stage.daemon.stop(), 0)
    deepEqual(stage.daemon.errors, [])
  })

  test('nor into the head of a request to an origin', async t => {
    const origin = await RawOrigin.open()
    t.after(() => origin.close())
    const stage = await startGrip(t, { routes: `* ${origin.address}`, workers: 1 })
    const names = [
      'a\r\nX-Forged: 1',
      'a\nX-Forged: 1',
      'a\0b',
      'a\u010d\u010aX-Forged: 1',
      'a; last-id=forged, b',
    ]
    for (const [index, name] of names.entries()) {
      const instruct = JSON.stringify({
        hold: { mode: 'response', channels: [{ name, 'prev-id': `1${name}` }, { name: `h${index}` }] },
        response: { reason: name, headers: [['X-A', name]], body: 'stored' },
      })
      const path = `/asks-${index}`
      const head = `HTTP/1.1 200 OK\r\nContent-Type: application/grip-instruct\r\nContent-Length: ${Buffer.byteLength(instruct)}\r\n\r\n`
      origin.script({
        path,
        answers: [
          { pieces: [head, Buffer.from(instruct)] },
          { pieces: ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nagain'] },
        ],
      })
      const client = stage.get(path)
      await stage.held(1)
      await stage.publish({ channel: `h${index}`, formats: { 'http-response': { action: 'hint' } } })
      equal(String((await client.answer()).body), 'again')
      client.leave()
      const [, again] = origin.received(path)
      ok(again !== undefined)
      deepEqual(
        again.headers.filter(([header]) => /forged/i.test(header)),
        [],
      )
      for (const [header] of again.headers) match(header, /^[\w-]+$/)
    }
    equal(origin.requests.length, names.length * 2)
    equal(await stage.daemon.stop(), 0)
    deepEqual(stage.daemon.errors, [])
  })

  test('an origin writes into no head, neither by headers', async t => {
    const origin = await RawOrigin.open()
    t.after(() => origin.close())
    const stage = await startGrip(t, { routes: `* ${origin.address}`, workers: 1 })
    const answers: readonly string[] = [
      'Grip-Status: 100 Continue',
      'Grip-Status: 101 x',
      'Grip-Status: 0',
      'Grip-Set-Meta: a="b\\r\\nSet-Cookie: forged=1"',
      'Grip-Expose-Headers: *',
      'Grip-Status: 299 a\\r\\nSet-Cookie: forged=1',
    ]
    for (const [index, header] of answers.entries()) {
      const path = `/status-${index}`
      const body = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: forged=1\r\n\r\n'
      origin.script({
        path,
        answers: [
          { pieces: [`HTTP/1.1 200 OK\r\n${header}\r\nContent-Length: ${body.length}\r\n\r\n${body}`] },
        ],
      })
      const client = stage.get(path)
      const { body: got, ...head } = await client.answer()
      ok(head.status >= 200, header)
      equal(headerOf(head, 'set-cookie'), undefined, header)
      equal(got.length, Number(headerOf(head, 'content-length')))
      equal(client.text, '')
      client.leave()
    }
  })
})

// What a call sends, byte for byte, and what it hands on of an answer.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { getOf, Heard, openTestOrigins } from '../../helpers/outgoing.ts'
import { openRawOrigin } from '../../helpers/outgoing-origin.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'

describe('a request', () => {
  test('has one host, and all other headers in their order, case and repetition, bytes beyond ASCII among them', async t => {
    const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
    const rawHeaders = [
      ...['X-b', '1', 'Host', 'A.example:81', 'x-B', '2', 'COOKIE', 'a=\xe9\x80\xff', 'Cookie', 'b'],
      ...["!#$%&'*+-.^_`|~0aZ", 'odd', '__proto__', 'x', 'Empty', '', 'Tab', 'a\tb', 'TE', 'trailers'],
      ...['Content-Type', 'a/b', 'content-type', 'c/d', 'Via', '1.1 x', 'Accept-Encoding', 'gzip'],
    ]
    const heard = new Heard(origins, getOf(origin.port, { rawHeaders, path: '/a?b' }))
    const connection = await origin.connection()
    const [line, host, kept, ...rest] = (await connection.received()).split('\r\n')
    equal(line, 'GET /a?b HTTP/1.1')
    equal(host, 'host: A.example:81')
    equal(kept, 'connection: keep-alive')
    const pairs = rest.slice(0, -2).map(field => field.split(/: (.*)/s, 2))
    deepEqual(pairs.flat(), rawHeaders.toSpliced(2, 2))
    connection.say(ok)
    await heard.ended()
  })

  test('has its path as it was given', async t => {
    const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
    const path = '/\xe9\x80\xff/../%zz;"<>\\^`{|}\x7f#x?a=[]&b=\xa0'
    const heard = new Heard(origins, getOf(origin.port, { path }))
    const connection = await origin.connection()
    equal((await connection.received()).split('\r\n')[0], `GET ${path} HTTP/1.1`)
    connection.say(ok)
    await heard.ended()
  })

  for (const [method, body, framing] of [
    ['GET', undefined, ''],
    ['DELETE', undefined, ''],
    ['POST', undefined, 'content-length: 0\r\n'],
    ['POST', Buffer.from('abc'), 'content-length: 3\r\n'],
    ['GET', Buffer.from('abc'), 'content-length: 3\r\n'],
    ['FROB', Buffer.from('abc'), 'content-length: 3\r\n'],
  ] as const) {
    test(`${method} with ${body?.length ?? 'no'} bytes is framed by us, whatever lengths its list says`, async t => {
      const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
      const rawHeaders = ['Host', 'a', 'Content-Length', '7', 'content-length', '9']
      const heard = new Heard(origins, getOf(origin.port, { method, body, rawHeaders }))
      const connection = await origin.connection()
      const all = await connection.received(body === undefined ? '\r\n\r\n' : 'abc')
      equal(all.slice(all.indexOf('keep-alive\r\n') + 12), `${framing}\r\n${body ?? ''}`)
      connection.say(ok)
      await heard.ended()
    })
  }

  for (const [what, more] of [
    ['an upgrade', { rawHeaders: ['Host', 'a', 'Upgrade', 'websocket'] }],
    ['an expectation', { rawHeaders: ['Host', 'a', 'Expect', '100-continue'] }],
    ['a coding', { rawHeaders: ['Host', 'a', 'Transfer-Encoding', 'chunked'] }],
    ['two hosts', { rawHeaders: ['Host', 'a', 'host', 'b'] }],
    ['no host', { rawHeaders: [] }],
    ['a line end in a value', { rawHeaders: ['Host', 'a', 'X', 'a\r\nB: c'] }],
    ['a NUL in a value', { rawHeaders: ['Host', 'a', 'X', '\0'] }],
    ['a character beyond Latin-1', { rawHeaders: ['Host', 'a', 'X', '\u{1f600}'] }],
    ['a name that is none', { rawHeaders: ['Host', 'a', 'X Y', 'b'] }],
    ['an empty name', { rawHeaders: ['Host', 'a', '', 'b'] }],
    ['a tunnel', { method: 'CONNECT' }],
    ['a method that is none', { method: 'G T' }],
    ['a blank in its path', { path: '/a b' }],
    ['a line end in its path', { path: '/a\r\nX: y' }],
    ['an asterisk for its path', { method: 'OPTIONS', path: '*' }],
  ] as const) {
    test(`with ${what} fails, is no reason to ask another target, and takes no connection away`, async t => {
      const origins = await openTestOrigins(t, { connectionsMax: 1 })
      const origin = await openRawOrigin(t)
      const heard = new Heard(origins, getOf(origin.port, more))
      equal(heard.isOver, false) // not before the call was returned
      const { code, phase, wasReused, isBlocked } = await heard.failed()
      deepEqual({ code, phase }, { code: 'request-invalid', phase: 'sending' })
      deepEqual({ wasReused, isBlocked }, { wasReused: false, isBlocked: false })
      const after = new Heard(origins, getOf(origin.port))
      ;(await origin.connection()).say(ok)
      await after.ended()
      equal(origin.connections.length, 1)
    })
  }
})

describe('an answer', () => {
  test('comes with its reason and all headers as they are', async t => {
    const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
    const heard = new Heard(origins, getOf(origin.port))
    const fields = ['X-b: 1', 'x-B: 2', 'Set-Cookie: a=\xe9', 'set-cookie:  b  ', 'Content-Encoding: gzip']
    const head = `HTTP/1.1 404 No \xc3\xa9 here\r\n${fields.join('\r\n')}\r\nContent-Length: 5\r\n\r\n`
    const connection = await origin.connection()
    connection.say(`${head}he`)
    connection.say('llo')
    await heard.ended()
    deepEqual([heard.status, heard.reason, heard.body], [404, 'No \xc3\xa9 here', 'hello'])
    const expected = ['X-b', '1', 'x-B', '2', 'Set-Cookie', 'a=\xe9', 'set-cookie', 'b']
    deepEqual(heard.rawHeaders, [...expected, 'Content-Encoding', 'gzip', 'Content-Length', '5'])
  })

  for (const [what, answer, body] of [
    ['in chunks', 'Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n', 'abcde'],
    ['with trailers', 'Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: y\r\n\r\n', 'a'],
    ['with nothing', 'Content-Length: 0\r\n\r\n', ''],
  ] as const) {
    test(`${what} ends, and its connection is used again`, async t => {
      const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
      for (const _round of [1, 2]) {
        const heard = new Heard(origins, getOf(origin.port))
        const connection = await origin.connection()
        await connection.received()
        connection.say(`HTTP/1.1 200 OK\r\n${answer}`)
        equal((await heard.ended()).body, body)
        equal(heard.rawHeaders.includes('X'), false)
      }
      equal(origin.connections.length, 1)
    })
  }

  test('up to the close of its connection ends there', async t => {
    const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
    const heard = new Heard(origins, getOf(origin.port))
    ;(await origin.connection()).say('HTTP/1.0 200 OK\r\n\r\nabc').socket.end('def')
    equal((await heard.ended()).body, 'abcdef')
  })

  test('behind 1xx is the one that is handed on', async t => {
    const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
    const heard = new Heard(origins, getOf(origin.port))
    const early = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n'
    ;(await origin.connection()).say(`${early}HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 1\r\n\r\nx`)
    await heard.ended()
    deepEqual([heard.status, heard.rawHeaders], [200, ['A', 'b', 'Content-Length', '1']])
  })

  for (const [method, head] of [
    ['HEAD', '200 OK\r\nContent-Length: 7'],
    ['HEAD', '200 OK\r\nTransfer-Encoding: chunked'],
    ['GET', '204 No Content'],
    ['GET', '304 Not Modified\r\nContent-Length: 7'],
  ] as const) {
    test(`to ${method} with ${JSON.stringify(head)} has no body`, async t => {
      const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
      const heard = new Heard(origins, getOf(origin.port, { method }))
      ;(await origin.connection()).say(`HTTP/1.1 ${head}\r\n\r\n`)
      equal((await heard.ended()).bytes, 0)
    })
  }
})

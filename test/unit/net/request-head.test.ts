// What a head says once it was read. What is refused stands in test/contracts/net/gate-malformed.ts, both sides of limits too.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type RequestHead, readRequestHead } from '../../../src/net/gate/request-head.ts'
import { limits } from '../../contracts/net/gate-malformed-row.ts'

function headOf(text: string): RequestHead {
  const read = readRequestHead(Buffer.from(text, 'latin1'), limits)
  ok(read.kind === 'head', text)
  equal(read.bytes, text.length)
  return read.head
}

/** Of a GET with these headers. */
const withHeaders = (headers: string, version = '1.1') => headOf(`GET /a HTTP/${version}\r\n${headers}\r\n`)

describe('a head', () => {
  test('keeps names and values as they came, in order, without the blanks around values', () => {
    const head = headOf(
      'POST /a HTTP/1.1\r\nHOST: t\r\nx-A:\t b  c \t\r\nx-a: \xe9\xff\xa0\r\nY:\r\nZ:: \r\n\r\n',
    )
    deepEqual(head.rawHeaders, ['HOST', 't', 'x-A', 'b  c', 'x-a', '\xe9\xff\xa0', 'Y', '', 'Z', ':'])
    equal(head.method, 'POST')
  })

  test('ends where the next bytes begin', () => {
    const text = 'GET /a HTTP/1.1\r\n\r\n'
    const read = readRequestHead(Buffer.from(`\r\n${text}${text}`), limits)
    ok(read.kind === 'head')
    equal(read.bytes, 2 + text.length)
  })

  test('has a path up to the first question mark, and the rest of the target is its query', () => {
    const parts = (target: string) => {
      const { target: whole, path, query, host } = headOf(`GET ${target} HTTP/1.1\r\nHost: t\r\n\r\n`)
      return [whole, path, query, host]
    }
    deepEqual(parts('/a'), ['/a', '/a', '', 't'])
    deepEqual(parts('/a?'), ['/a?', '/a', '', 't'])
    deepEqual(parts('//a?b?c#d'), ['//a?b?c#d', '//a', 'b?c#d', 't'])
    deepEqual(parts('http://u'), ['/', '/', '', 'u'])
    deepEqual(parts('HTTP://u:81/a?b'), ['/a?b', '/a', 'b', 'u:81'])
    deepEqual(parts('https://[::1]?b'), ['/?b', '/', 'b', '[::1]'])
  })

  test('names the host that it is for, in whatever case it is written', () => {
    equal(withHeaders('hOST: Example.org:80\r\n').host, 'Example.org:80')
    equal(withHeaders('host: [fe80::1]:80\r\n').host, '[fe80::1]:80')
    equal(withHeaders('host: a_b.c%20\r\n').host, 'a_b.c%20')
    equal(withHeaders('host:\r\n').host, undefined)
    equal(withHeaders('').host, undefined)
  })

  test('says how its body is framed', () => {
    deepEqual(withHeaders('').framing, { kind: 'none' })
    deepEqual(withHeaders('Content-Length: 0\r\n').framing, { kind: 'length', bytes: 0 })
    const most = 999_999_999_999_999
    deepEqual(withHeaders(`content-length: ${most}\r\n`).framing, { kind: 'length', bytes: most })
    deepEqual(withHeaders('Transfer-Encoding: Chunked\r\n').framing, { kind: 'chunked' })
  })

  test('says whether its connection stays', () => {
    const stays = (headers: string, version?: string) => withHeaders(headers, version).keepsAlive
    equal(stays(''), true)
    equal(stays('Connection: keep-alive\r\n'), true)
    equal(stays('Connection: closed, "close"\r\n'), true)
    equal(stays('Connection: x,\tClose\t,y\r\n'), false)
    equal(stays('Connection: x\r\nconnection: close\r\n'), false)
    equal(stays('Proxy-Connection: close\r\n'), false)
    equal(stays('', '1.0'), false)
    equal(stays('Connection: Keep-Alive\r\n', '1.0'), true)
    equal(stays('Connection: keep-alive, close\r\n', '1.0'), false)
  })

  test('says whether a body waits for a word, which only a client of 1.1 that has a body can mean', () => {
    const expects = (headers: string, version?: string) => withHeaders(headers, version).expectsContinue
    equal(expects('Expect: 100-Continue\r\nContent-Length: 5\r\n'), true)
    equal(expects('Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n'), true)
    equal(expects('Expect: 100-continue\r\n'), false)
    equal(expects('Expect: 100-continue\r\nContent-Length: 5\r\n', '1.0'), false)
    equal(expects('Expect: x\r\nContent-Length: 5\r\n'), false)
  })

  test('says whether the client wants a WebSocket', () => {
    equal(withHeaders('Upgrade: WebSocket\r\n').wantsSocket, true)
    equal(withHeaders('Upgrade: h2c, websocket\r\n').wantsSocket, true)
    equal(withHeaders('Upgrade: h2c\r\nupgrade: websocket\r\n').wantsSocket, true)
    equal(withHeaders('Upgrade: websocket2\r\n').wantsSocket, false)
    equal(withHeaders('Connection: websocket\r\n').wantsSocket, false)
  })
})

describe('a head that comes in pieces', () => {
  test('is not looked at again where it was judged', () => {
    const judged = 'GET /a HTTP/1.1\r\na : b\r\n'
    const read = (rest: string, scannedFrom: number) =>
      readRequestHead(Buffer.from(judged + rest), limits, scannedFrom).kind
    equal(read('', 0), 'fault')
    // Nobody would have been told `more` at this line: it shows that the line is skipped.
    equal(read('c: d\r', judged.length), 'more')
    equal(read('c: d\r\n', judged.length), 'more')
    equal(read('c : d\r\n', judged.length), 'fault')
  })

  test('is refused with the first byte that no request has there', () => {
    const kindOf = (text: string) => readRequestHead(Buffer.from(text, 'latin1'), limits).kind
    for (const text of [
      '\x16',
      '\0',
      ' ',
      '\n',
      '\r\r',
      '\r\n\r',
      'g',
      'GETT',
      'GET\r',
      'POSTE',
      'PRI',
      'HT',
      'SS',
    ]) {
      equal(kindOf(text), 'fault', JSON.stringify(text))
      equal(kindOf(text.slice(0, -1)), 'more', JSON.stringify(text))
    }
  })
})

// Who means a WebSocket, what is wrong with a handshake, and which pages may shake hands.
import { equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { faultOf, meansSocket } from '../../../src/frontends/pinghub/handshake.ts'
import { createOriginCheck, parseOrigin } from '../../../src/frontends/pinghub/origin.ts'

type Headers = Readonly<Record<string, string | undefined>>

const sound: Headers = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

const asking = (changes: Headers = {}, method = 'GET') => {
  const headers = { ...sound, ...changes }
  return { method, header: (name: string) => headers[name] }
}
const judged = (changes: Headers = {}, method = 'GET') =>
  faultOf(asking(changes, method), origin => origin === undefined)

describe('a handshake', () => {
  test('is meant wherever the words stand', () => {
    for (const connection of ['upgrade', 'keep-alive, Upgrade', 'xupgradex', 'UPGRADE']) {
      equal(meansSocket(asking({ connection })), true, connection)
    }
    equal(meansSocket(asking({ connection: 'keep-alive' })), false)
    equal(meansSocket(asking({ upgrade: 'h2c' })), false)
    equal(meansSocket(asking({ upgrade: undefined })), false)
  })

  test('is judged in one order, and the first fault counts', () => {
    equal(judged(), undefined)
    equal(judged({ 'content-length': '0' }), undefined)
    equal(judged({ connection: 'xupgrade' }, 'POST'), 'handshake-faulty')
    equal(judged({ upgrade: 'xwebsocket' }, 'POST'), 'handshake-faulty')
    equal(judged({ 'sec-websocket-version': '8' }, 'POST'), 'handshake-method')
    equal(judged({ 'sec-websocket-version': '8', origin: 'x' }), 'handshake-faulty')
    equal(judged({ origin: 'x', 'sec-websocket-key': undefined }), 'origin-refused')
    for (const key of [
      undefined,
      '',
      'dGhlIHNhbXBsZSBub25jZQ',
      'dGhlIHNhbXBsZSBub25jZR==',
      `${'!'.repeat(22)}==`,
    ]) {
      equal(judged({ 'sec-websocket-key': key }), 'handshake-faulty', key)
    }
    equal(judged({ 'content-length': '5' }), 'handshake-faulty')
    equal(judged({ 'transfer-encoding': 'chunked' }), 'handshake-faulty')
  })
})

describe('an origin', () => {
  test('needs scheme and host; the rest of it does not count', () => {
    for (const text of [
      '',
      'null',
      'example.com',
      '//example.com',
      'https://',
      'https:example.com',
      'https://a@',
      'https://evil.example\\@example.com',
      'https://example.com\\',
    ]) {
      equal(parseOrigin(text), undefined, text)
    }
    equal(parseOrigin('HTTPS://u:p@Example.com:1/a?b#c')?.host, 'Example.com:1')
    equal(parseOrigin('HTTPS://example.com')?.scheme, 'https')
  })

  test('is one of the list, or absent; without a list all are let in', () => {
    const all = createOriginCheck([])
    for (const origin of [undefined, '', 'null', 'x']) equal(all(origin), true)
    const some = createOriginCheck(['https://a.example', 'http://b.example:8080'])
    for (const origin of [undefined, 'https://a.example', 'http://b.example:8080/x'])
      equal(some(origin), true)
    for (const origin of ['', 'null', 'http://a.example', 'http://b.example']) equal(some(origin), false)
    equal(createOriginCheck(['example.com'])('null'), false)
    equal(createOriginCheck(['HTTPS://A.Example'])('https://a.example'), true)
  })

  test('is of this machine in development, where there is no list', () => {
    const own = createOriginCheck([], true)
    for (const origin of [undefined, 'http://localhost', 'https://[::1]:1', 'http://a.b.localhost:80'])
      equal(own(origin), true, origin)
    for (const origin of [
      '',
      'null',
      'http://localhost.example',
      'http://127.0.0.1.example',
      'http://1.2.3.4',
    ])
      equal(own(origin), false, origin)
    const listed = createOriginCheck(['https://a.example'], true)
    equal(listed('https://a.example'), true)
    equal(listed('http://localhost'), false)
  })
})

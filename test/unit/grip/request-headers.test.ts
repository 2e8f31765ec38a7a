// Headers towards origins: rows of contract §13.1 and §13.2 that are about them, as data.
import { deepEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gripFeatures, requestHeaders } from '../../../src/frontends/grip/proxy/request-headers.ts'
import { callOf } from './given.ts'

/** `Name: value` each. */
type Rows = readonly string[]

interface Exchange {
  readonly from: string
  /** The usual rule where none is said. */
  readonly line?: string
  readonly more?: Parameters<typeof callOf>[1]
  readonly sent: Rows
  /** Without the signature and the features, where those are the usual ones. */
  readonly got: Rows
}

const usual: Rows = ['Grip-Sig: S', `Grip-Feature: ${gripFeatures}`]

const truncating = { keep: 1, append: true }

const exchanges: readonly Exchange[] = [
  { from: 'row 30', sent: ['Host: h'], got: ['Host: h', ...usual] },
  {
    from: 'row 3',
    line: '*,as_host=example.com:8080 t:1',
    sent: ['Host: h', 'A: 1'],
    got: ['A: 1', ...usual, 'Host: example.com:8080'],
  },
  {
    from: 'row 4, and §2.4: the host of the target comes last',
    line: '*,as_host=a t:1,host=target.example',
    sent: ['Host: h'],
    got: [...usual, 'Host: target.example'],
  },
  {
    from: 'row 5',
    line: '*,path_beg=/hd/,header="X-One: 1",header=X-Two:2,header=User-Agent: t:1',
    sent: ['Host: h', 'User-Agent: zz', 'X-Two: client'],
    got: ['Host: h', 'X-Two: 2', 'X-One: 1', ...usual],
  },
  {
    from: 'row 6',
    line: '*,no_grip t:1',
    sent: ['Host: h', 'Grip-Sig: z', 'Grip-Foo: 1'],
    got: ['Host: h'],
  },
  {
    from: 'row 9',
    sent: ['Host: h', 'pushpin-route: onlyid'],
    got: ['Host: h', ...usual],
  },
  {
    from: '§4.2: Pushpin-Route where it is not accepted',
    more: { settings: { acceptPushpinRoute: false } },
    sent: ['Host: h', 'Pushpin-Route: x'],
    got: ['Host: h', 'Pushpin-Route: x', ...usual],
  },
  {
    from: 'row 11',
    line: '*,orig_headers t:1',
    sent: ['Host: h', 'X-A: 1', 'Eb9bf0f5-X-B: 2'],
    got: ['Host: h', 'X-A: 1', 'eb9bf0f5-Host: h', 'eb9bf0f5-X-A: 1', 'Eb9bf0f5-X-B: 2', ...usual],
  },
  {
    from: '§4.2: orig_headers_need_mark',
    line: '*,orig_headers t:1',
    more: { settings: { origHeadersNeedMark: new Set(['x-a', 'host']) } },
    sent: ['Host: h', 'X-A: 1', 'Accept-Encoding: gzip'],
    got: ['Host: h', 'X-A: 1', 'eb9bf0f5-Accept-Encoding: gzip', ...usual],
  },
  {
    from: 'row 12',
    sent: ['Host: h', 'Eb9bf0f5-X-B: 2'],
    got: ['Host: h', ...usual],
  },
  {
    from: 'row 31',
    sent: [
      'Host: h',
      'Connection: X-Drop',
      'X-Drop: 1',
      'TE: trailers',
      'Via: v',
      'Forwarded: f',
      'Proxy-Authorization: p',
    ],
    got: [
      'Host: h',
      'X-Drop: 1',
      'TE: trailers',
      'Via: v',
      'Forwarded: f',
      'Proxy-Authorization: p',
      ...usual,
    ],
  },
  {
    from: 'row 32, and §4.2',
    sent: [
      'Host: h',
      'Accept-Encoding: gzip',
      'Content-Encoding: x',
      'Keep-Alive: y',
      'Transfer-Encoding: chunked',
      'Expect: 100-continue',
      'Upgrade: h2c',
      'Cookie: a=1',
      'cookie: b=2',
    ],
    got: ['Host: h', 'Cookie: a=1', 'cookie: b=2', ...usual],
  },
  {
    from: 'row 33',
    sent: ['Host: h', 'X-Forwarded-Proto: https', 'X-Forwarded-Protocol: https'],
    got: ['Host: h', ...usual],
  },
  {
    from: '§3: set_x_forwarded_protocol=false leaves them',
    more: { isTls: true, settings: { setXForwardedProtocol: 'false' } },
    sent: ['Host: h', 'X-Forwarded-Proto: http'],
    got: ['Host: h', 'X-Forwarded-Proto: http', ...usual],
  },
  {
    from: 'row 34',
    sent: ['X-Forwarded-For: 9.9.9.9', 'Host: h'],
    got: ['Host: h', ...usual, 'X-Forwarded-For: 9.9.9.9'],
  },
  {
    from: 'row 35',
    more: { settings: { forwardedFor: truncating } },
    sent: ['Host: h', 'X-Forwarded-For: 1.1.1.1, 2.2.2.2'],
    got: ['Host: h', ...usual, 'X-Forwarded-For: 2.2.2.2, 127.0.0.1'],
  },
  {
    from: '§4.4: a trusted client has a rule of its own',
    more: { isTrusted: true, settings: { forwardedForTrusted: truncating } },
    sent: ['Host: h', 'X-Forwarded-For: 1.1.1.1', 'x-forwarded-for: 2.2.2.2'],
    got: ['Host: h', 'X-Forwarded-For: 2.2.2.2, 127.0.0.1'],
  },
  {
    from: 'row 36',
    more: { isTls: true, settings: { acceptXForwardedProtocol: true, setXForwardedProtocol: 'true' } },
    sent: ['Host: h', 'X-Forwarded-Protocol: wss'],
    got: ['Host: h', ...usual, 'X-Forwarded-Proto: https', 'X-Forwarded-Protocol: https'],
  },
  {
    from: 'row 37',
    more: { isTls: true },
    sent: ['Host: h'],
    got: ['Host: h', ...usual, 'X-Forwarded-Proto: https'],
  },
  {
    from: '§4.2: a native WebSocket',
    more: { isTls: true, isNativeSocket: true },
    sent: ['Host: h', 'Sec-WebSocket-Extensions: permessage-deflate'],
    got: ['Host: h', 'Sec-WebSocket-Extensions: grip', ...usual, 'X-Forwarded-Proto: wss'],
  },
  {
    from: '§4.4: a native WebSocket of a GRIP proxy',
    more: { isTrusted: true, isNativeSocket: true },
    sent: ['Sec-WebSocket-Extensions: x, grip; message-prefix=""', 'Host: h'],
    got: ['Host: h', 'Sec-WebSocket-Extensions: grip; message-prefix=""'],
  },
  {
    from: 'row 38',
    more: { settings: { cdnLoop: 'mycdn' } },
    sent: ['CDN-Loop: a, b', 'Host: h'],
    got: ['Host: h', 'CDN-Loop: a, b, mycdn', ...usual],
  },
  {
    from: 'row 39',
    more: { isTrusted: true },
    sent: ['Host: h', 'Grip-Sig: theirs', 'Grip-Foo: 1'],
    got: ['Host: h', 'Grip-Sig: theirs', 'Grip-Foo: 1'],
  },
  {
    from: 'row 40',
    sent: ['Host: h', 'Grip-Sig: theirs', 'Grip-Foo: 1'],
    got: ['Host: h', ...usual],
  },
  { from: 'row 60', sent: ['A: 1'], got: ['A: 1', ...usual, 'Host: localhost'] },
  {
    from: '§4.2: no key',
    more: { signature: undefined },
    sent: ['Host: h'],
    got: ['Host: h', `Grip-Feature: ${gripFeatures}`],
  },
  {
    from: '§4.2: Grip-Last, one for each channel; what no header can carry is left out',
    more: {
      lastIds: [
        { channel: 'a', id: '1' },
        { channel: 'caf\u00e9', id: '2' },
        { channel: 'b\r\nX: y', id: '3' },
      ],
    },
    sent: ['Host: h'],
    got: ['Host: h', ...usual, 'Grip-Last: a; last-id=1', 'Grip-Last: caf\u00c3\u00a9; last-id=2'],
  },
  {
    from: '§8.2: and of a WebSocket that cannot be resumed',
    more: { isEvents: true, lastIds: [{ channel: 'a', id: '1' }] },
    sent: ['Host: h'],
    got: [
      'Host: h',
      `Grip-Feature: ${gripFeatures}`,
      'Sec-WebSocket-Extensions: grip',
      'Grip-Sig: S',
      'Grip-Last: a; last-id=1',
    ],
  },
]

describe('a request towards the origin', () => {
  for (const { from, line = '* t:1', more = {}, sent, got } of exchanges) {
    test(from, () => deepEqual(linesOf(requestHeaders(rawOf(sent), callOf(line, more))), got))
  }
})

function rawOf(lines: Rows): string[] {
  return lines.flatMap(line => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)])
}

function linesOf(raw: readonly string[]): Rows {
  return Array.from({ length: raw.length / 2 }, (_, n) => `${raw[2 * n]}: ${raw[2 * n + 1]}`)
}

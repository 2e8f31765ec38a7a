// How a WebSocket over HTTP is opened (contract §8.2, §8.3).
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gripFeatures } from '../../../../src/frontends/grip/proxy/request-headers.ts'
import { Socket } from './given-socket.ts'

describe('opening', () => {
  test('posts what the client asked, with a name for the connection (row 220)', () => {
    const rawHeaders = [
      ...[
        'Upgrade',
        'websocket',
        'Connection',
        'Upgrade',
        'Sec-WebSocket-Key',
        'k',
        'Sec-WebSocket-Version',
        '13',
      ],
      ...[
        'Sec-WebSocket-Protocol',
        'a, b',
        'Sec-WebSocket-Extensions',
        'permessage-deflate',
        'Origin',
        'http://h',
      ],
      ...[
        'Cookie',
        'c=1',
        'Accept',
        '*/*',
        'Accept-Encoding',
        'gzip',
        'Meta-User',
        'mallory',
        'Connection-Id',
        '1',
      ],
      ...['Content-Bytes-Replayed', '7', 'Content-Length', '0', 'Grip-Sig', 'x', 'X-Other', '2'],
    ]
    const socket = new Socket({ rawHeaders })
    const { method, path, rawHeaders: asked } = socket.last.request
    equal(`${method} ${path}`, 'POST /w?a=1')
    deepEqual(socket.posts, ['OPEN\r\n'])
    deepEqual(asked, [
      ...[
        'Host',
        'h',
        'Sec-WebSocket-Key',
        'k',
        'Sec-WebSocket-Version',
        '13',
        'Sec-WebSocket-Protocol',
        'a, b',
      ],
      ...['Origin', 'http://h', 'Cookie', 'c=1', 'X-Other', '2'],
      ...['Grip-Feature', gripFeatures, 'Sec-WebSocket-Extensions', 'grip'],
      ...['Accept', 'application/websocket-events', 'Connection-Id', '00000000-0000-4000-8000-000000000001'],
      ...['Content-Type', 'application/websocket-events'],
    ])
  })

  test('takes from the client what is ours to say in every spelling that an origin may take for it', () => {
    const forged = ['Meta_User', 'meta-_x', 'Connection_Id', 'CONTENT_TYPE', 'Content-Bytes_Replayed']
    const rawHeaders = ['Host', 'h', ...forged.flatMap(name => [name, 'mallory']), 'Metal_User', '1']
    const { rawHeaders: asked } = new Socket({ rawHeaders }).last.request
    deepEqual(
      asked.filter((_, at) => at % 2 === 1).filter(value => value === 'mallory'),
      [],
    )
    equal(asked.includes('Metal_User'), true)
  })

  test('passes on what the origin says of the connection, and not what is ours (row 221; faults 16, 25)', () => {
    const socket = new Socket({ line: '* o:80,over_http,sub=one,sub=two' })
    socket.last.head(
      ...([200, 'Content-Type', 'application/websocket-events; charset=utf-8'] as const),
      ...[
        'Sec-WebSocket-Protocol',
        'chat',
        'X-Custom',
        '1',
        'Set-Cookie',
        'a',
        'Set-Cookie',
        'b',
        'Hop',
        '1',
      ],
      ...[
        'Keep-Alive',
        'timeout=5',
        'Content-Bytes-Accepted',
        '0',
        'Grip-Status',
        '1',
        'Connection',
        'close, hop',
      ],
      ...[
        'Set-Meta-User',
        'u',
        'Keep-Alive-Interval',
        '30',
        'Content-Length',
        '6',
        'Transfer-Encoding',
        'chunked',
      ],
      ...[
        'Sec-WebSocket-Extensions',
        'other, grip; message-prefix="p:"',
        'Sec-WebSocket-Accept',
        'x',
        'Upgrade',
        'y',
      ],
    )
    socket.last.body('OPEN\r\n')
    deepEqual(socket.told, [])
    socket.last.end()
    deepEqual(socket.told, ['opened'])
    deepEqual(socket.acceptance, {
      rawHeaders: ['Sec-WebSocket-Protocol', 'chat', 'X-Custom', '1', 'Set-Cookie', 'a', 'Set-Cookie', 'b'],
      messagePrefix: 'p:',
      subscriptions: ['one', 'two'],
    })
    equal(socket.posts.length, 1)
  })

  const prefixes: readonly [header: string | undefined, prefix: string | undefined][] = [
    [undefined, undefined],
    ['other', undefined],
    ['grip', 'm:'],
    ['a; b=c, grip; message-prefix=""', ''],
  ]
  for (const [header, prefix] of prefixes) {
    test(`negotiates GRIP by ${header}`, () => {
      const socket = new Socket()
      socket.answer('OPEN\r\n', ...(header === undefined ? [] : ['Sec-WebSocket-Extensions', header]))
      equal(socket.acceptance?.messagePrefix, prefix)
    })
  }

  test('says nothing of GRIP where the rule has none (fault 20), and passes on what a proxy in front says', () => {
    const grip = { rawHeaders: ['Sec-WebSocket-Extensions', 'x, grip; a=b', 'Grip-Sig', 'theirs'] }
    const without = new Socket({ line: '*,no_grip,sig_key=k o:80,over_http', ...grip })
    deepEqual(
      [without.header('grip-sig'), without.header('sec-websocket-extensions')],
      [undefined, undefined],
    )
    without.answer('OPEN\r\n', 'Sec-WebSocket-Extensions', 'grip', 'Grip-Other', '1')
    deepEqual(without.acceptance?.rawHeaders, ['Grip-Other', '1'])
    equal(without.acceptance?.messagePrefix, undefined)
    const trusted = new Socket({ isTrusted: true, ...grip })
    deepEqual(
      [
        trusted.header('grip-sig'),
        trusted.header('sec-websocket-extensions'),
        trusted.header('grip-feature'),
      ],
      ['theirs', 'grip; a=b', undefined],
    )
    trusted.answer('OPEN\r\n', 'Sec-WebSocket-Extensions', 'grip')
    deepEqual(trusted.acceptance?.rawHeaders, ['Sec-WebSocket-Extensions', 'grip'])
    equal(trusted.acceptance?.messagePrefix, undefined)
  })

  test('hands on the events behind OPEN', () => {
    const socket = new Socket()
    socket.answer('OPEN\r\nTEXT 2\r\nhi\r\nBINARY 1\r\n\xff\r\nPING 1\r\np\r\nPONG\r\n')
    deepEqual(socket.told, ['opened', 'text hi', 'binary \xff', 'ping p', 'pong '])
  })

  test('is refused in the words of the origin (row 232)', () => {
    const socket = new Socket()
    socket.last.answer(
      401,
      'no',
      'Content-Type',
      'text/plain',
      'Content-Length',
      '2',
      'Grip-Hold',
      'x',
      'X',
      '1',
    )
    deepEqual(socket.told, ['refused 401 Content-Type|text/plain|X|1 no'])
    equal(socket.worker.calls.counters.socketsOverHttp, 0)
  })

  test('is refused by an answer of 200 that has no events', () => {
    const socket = new Socket()
    socket.last.answer(200, 'page', 'Content-Type', 'text/html')
    deepEqual(socket.told, ['refused 200 Content-Type|text/html page'])
  })

  test('fails where a refusal is too long', () => {
    for (const [bytes, told] of [
      [100_000, 'refused'],
      [100_001, 'failed'],
    ] as const) {
      const socket = new Socket()
      socket.last.answer(403, 'x'.repeat(bytes))
      equal(socket.told[0]?.split(' ')[0], told)
    }
  })

  for (const events of [
    '',
    'TEXT 1\r\nx\r\nOPEN\r\n',
    'garbage',
    'OPEN\r\nTEXT x\r\n',
    'DISCONNECT\r\n',
    'FOO\r\n',
  ]) {
    test(`fails by ${JSON.stringify(events)} (row 234)`, () => {
      const socket = new Socket()
      socket.answer(events)
      deepEqual(socket.told, ['failed 502 Error while proxying to origin.'])
    })
  }

  test('says why it failed where a route debugs', () => {
    const socket = new Socket({ line: '*,debug o:80,over_http' })
    socket.answer('')
    deepEqual(socket.told, ['failed 502 an answer that does not open the connection'])
  })

  test('is tried at the next target and never again', () => {
    const socket = new Socket({ line: '*,debug a:1,over_http n:1 b:2,over_http' })
    socket.last.fail({ phase: 'connecting' })
    socket.last.fail({ phase: 'connecting' })
    socket.clock.advance(100_000)
    deepEqual(
      socket.worker.origin.calls.map(({ request }) => request.target.host),
      ['a', 'b'],
    )
    deepEqual(socket.told, ['failed 502 Unable to connect to any targets. Tried: a:1, b:2'])
    const sent = new Socket()
    sent.last.fail({ phase: 'sending' })
    deepEqual(sent.told, ['failed 502 Error while proxying to origin.'])
  })

  test('goes on with the target that accepted', () => {
    const socket = new Socket({ line: '* a:1,over_http b:2,over_http,one_event' })
    socket.last.fail({ phase: 'connecting' })
    socket.accepted().text('1')
    equal(socket.last.request.target.host, 'b')
    socket.last.fail({ phase: 'connecting' })
    equal(socket.last.request.target.host, 'a')
  })

  test('is asked for again after an interval (row 242)', () => {
    const socket = new Socket()
    socket.answer('', 'Keep-Alive-Interval', '20', 'Set-Meta-A', '1')
    socket.clock.advance(19_999)
    equal(socket.posts.length, 1)
    socket.clock.advance(1)
    deepEqual(socket.posts, ['OPEN\r\n', 'OPEN\r\n'])
    equal(socket.header('meta-a'), '1')
    deepEqual(socket.told, [])
    socket.answer('OPEN\r\n')
    deepEqual(socket.told, ['opened'])
  })

  test('ends where the client leaves before it is there', () => {
    const socket = new Socket()
    socket.end.gone()
    equal(socket.last.isAborted, true)
    const waiting = new Socket()
    waiting.answer('', 'Keep-Alive-Interval', '20')
    waiting.end.leave()
    waiting.clock.advance(100_000)
    deepEqual(waiting.posts, ['OPEN\r\n'])
    deepEqual([...socket.told, ...waiting.told], [])
  })

  test('is signed anew with each request, and names a key of this worker', () => {
    const socket = new Socket({
      line: '*,sig_iss=i,sig_key=k o:80,over_http',
      owns: key => key.endsWith('3'),
    })
    equal(socket.header('connection-id')?.endsWith('03'), true)
    equal(socket.end.connectionId, socket.header('connection-id'))
  })
})

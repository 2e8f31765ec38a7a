// `ringcast pub --grip`: rows 300 and 301 of the contract, and its §11, up to the bytes that are sent.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createHmacVerifier } from '../../../src/auth/hmac-token.ts'
import { publishCommand } from '../../../src/frontends/grip/publish-command.ts'

const files: Readonly<Record<string, Uint8Array>> = {
  'line.txt': Buffer.from('a line\n'),
  'bytes.bin': Uint8Array.of(0, 255),
}

function read(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  return publishCommand.read(args, {
    environment,
    unixSeconds: 1_000,
    readFile: path => files[path] ?? 'no such file',
  })
}

function asked(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const reading = read(args, environment)
  ok(reading.ok && 'request' in reading, JSON.stringify(reading))
  const [head = '', body = ''] = Buffer.from(reading.request).toString().split('\r\n\r\n')
  return { ...reading, head, body }
}

function itemFor(...args: readonly string[]): unknown {
  const { items } = JSON.parse(asked(args).body)
  const [{ channel, ...item }] = items
  equal(channel, 'ch')
  return item
}

test('what is sent, byte for byte (row 300)', () => {
  const body =
    '{"items":[{"channel":"ch","formats":{"http-response":{"body":"hello\\n","code":200},"http-stream":{"content":"hello\\n"},"ws-message":{"content":"hello"}}}]}'
  const { request, host, port, isTls } = asked(['ch', 'hello'])
  equal(
    Buffer.from(request).toString(),
    `POST /publish/ HTTP/1.0\r\nHost: localhost:5561\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  deepEqual([host, port, isTls], ['localhost', 5_561, false])
})

describe('items', () => {
  const formats = (body: string, content: string, more: object = {}) => ({
    formats: {
      'http-response': { code: 200, ...more, body },
      'http-stream': { content: body },
      'ws-message': { content },
    },
  })
  const hint = { action: 'hint' }
  const close = { action: 'close' }
  const rows: readonly [args: readonly string[], item: object][] = [
    [['--no-eol', 'ch', 'x'], formats('x', 'x')],
    [['ch', ''], formats('\n', '')],
    [['ch', '@line.txt'], formats('a line\n', 'a line\n')],
    [['--code', '404', 'ch', 'x'], formats('x\n', 'x', { code: 404 })],
    [
      ['-H', 'K: V', '--header', 'L:M:N', 'ch', 'x'],
      formats('x\n', 'x', {
        headers: [
          ['K', 'V'],
          ['L', 'M:N'],
        ],
      }),
    ],
    [
      ['ch', 'x', '-M', 'a=b=c', '--meta', 'd=', '--sender', 's'],
      { ...formats('x\n', 'x'), meta: { a: 'b=c', d: '', sender: 's' } },
    ],
    [
      ['ch', 'x', '--id', '2', '--prev-id', '1', '--no-seq'],
      { ...formats('x\n', 'x'), id: '2', 'prev-id': '1', 'no-seq': true },
    ],
    [['--hint', 'ch'], { formats: { 'http-response': hint, 'http-stream': hint, 'ws-message': hint } }],
    [['--close', 'ch'], { formats: { 'http-stream': close, 'ws-message': close } }],
    [
      ['--patch', 'ch', '[{"op":"remove","path":"/a"}]'],
      { formats: { 'http-response': { code: 200, 'body-patch': [{ op: 'remove', path: '/a' }] } } },
    ],
    [
      ['ch', '@bytes.bin'],
      {
        formats: {
          'http-response': { code: 200, 'body-bin': 'AP8=' },
          'http-stream': { 'content-bin': 'AP8=' },
          'ws-message': { 'content-bin': 'AP8=' },
        },
      },
    ],
    [['ch', '--', '-x'], formats('-x\n', '-x')],
  ]
  for (const [args, item] of rows) test(args.join(' '), () => deepEqual(itemFor(...args), item))

  test('names are sorted everywhere, in a patch too', () => {
    const { body } = asked(['--patch', 'ch', '[{"value":{"b":1,"a":2},"op":"add","path":""}]', '--id', 'i'])
    equal(
      body,
      '{"items":[{"channel":"ch","formats":{"http-response":{"body-patch":[{"op":"add","path":"","value":{"a":2,"b":1}}],"code":200}},"id":"i"}]}',
    )
  })
})

describe('where to', () => {
  const headOf = (spec: string, ...more: readonly string[]) =>
    asked(['--spec', spec, ...more, 'ch', 'x']).head

  test('an address has a path, and its query goes nowhere', () => {
    const { head, host, port, isTls } = asked(['ch', 'x'], { GRIP_URL: 'https://[::1]/base/?verify-key=x' })
    ok(head.startsWith('POST /base/publish/ HTTP/1.0\r\nHost: [::1]\r\n'))
    deepEqual([host, port, isTls], ['::1', 443, true])
    ok(headOf('http://h:81').startsWith('POST /publish/ HTTP/1.0\r\nHost: h:81\r\n'))
    const named = asked(['ch', 'x', '--spec', 'http://named'], { GRIP_URL: 'http://other' })
    deepEqual([named.host, named.port], ['named', 80])
  })

  test('iss and key of an address sign a token', () => {
    for (const [key, secret] of [
      ['changeme', 'changeme'],
      ['base64:+/8=', Buffer.of(0xfb, 0xff).toString('latin1')],
    ] as const) {
      const head = headOf(`http://h/?iss=me&key=${key}`)
      const token = /\r\nAuthorization: Bearer (\S+)/.exec(head)?.[1] ?? ''
      if (key !== 'changeme') equal(token.split('.').length, 3)
      else {
        const claims = createHmacVerifier([secret])(token)
        deepEqual(JSON.parse(Buffer.from(claims ?? []).toString()), { iss: 'me', exp: 4_600 })
      }
    }
  })

  test('what does not expire goes over https alone', () => {
    const line = (head: string) => /\r\nAuthorization: (.*)\r\n/.exec(head)?.[1]
    equal(line(headOf('https://h', '-u', 'ann:pass')), 'Basic YW5uOnBhc3M=')
    equal(line(headOf('https://ann:pass@h')), 'Basic YW5uOnBhc3M=')
    equal(line(headOf('https://h', '-B', 'tok')), 'Bearer tok')
    equal(line(headOf('https://h?key=tok')), 'Bearer tok')
    for (const args of [
      ['-u', 'a:b'],
      ['-B', 'x'],
      ['--spec', 'http://a:b@h'],
      ['--spec', 'http://h?key=x'],
    ]) {
      deepEqual(read([...args, 'ch', 'x']), {
        ok: false,
        lines: ['Error: Authentication requires https'],
        status: 1,
        asErrors: true,
      })
    }
  })
})

test('mistakes are told as the original tells them', () => {
  const rows: readonly [args: readonly string[], line: string, status: number][] = [
    [['ch'], 'must specify content', 1],
    [['--code', '1000', 'ch', 'x'], 'code must be an integer between 0 and 999', 1],
    [['--code', 'x', 'ch', 'x'], 'code must be an integer between 0 and 999', 1],
    [['-H', 'x', 'ch', 'x'], 'header must be given as "name: value"', 1],
    [['-M', '=x', 'ch', 'x'], 'meta must be given as "name=value"', 1],
    [['--patch', 'ch', '{}'], 'content must be a JSON list', 1],
    [['ch', '@nowhere'], 'nowhere: no such file', 1],
    [['--spec', 'no', 'ch', 'x'], `'no' is no address like http://localhost:5561`, 1],
    [['--spec', 'ftp://h:5560', 'ch', 'x'], `'ftp://h:5560' is neither http nor https, tcp nor ipc`, 1],
    [['--spec', 'tcp://h', 'ch', 'x'], `'tcp://h' is neither tcp://host:port nor ipc:///path`, 1],
    [['--spec', 'tcp://h:1', 'ch'], 'must specify content', 1],
    [[], 'must specify channel', 2],
    [['a', 'b', 'c'], `unexpected argument 'c'`, 2],
  ]
  for (const [args, line, status] of rows) {
    deepEqual(read(args), { ok: false, lines: [`Error: ${line}`], status, asErrors: true })
  }
  const unknown = read(['--zap', 'ch'])
  equal(!unknown.ok && unknown.status, 2)
  const help = read(['--help'])
  deepEqual(!help.ok && [help.status, help.asErrors], [0, undefined])
})

test('an answer is whole by its length, or at the end', () => {
  const { judge, failed } = asked(['ch', 'x'])
  const rows: readonly [answer: string, isEnded: boolean, lines: readonly string[] | undefined][] = [
    ['HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nPublished', false, undefined],
    ['HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nPublished\n', false, ['Published']],
    ['HTTP/1.1 200 OK\r\n\r\nPublished\n', false, undefined],
    ['HTTP/1.1 200 OK\r\n\r\n', true, ['Published']],
    ['HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nPubl', true, undefined],
    ['HTTP/1.0 400 Bad Request\r\n\r\nInvalid format: x\n', true, ['Error: 400: Invalid format: x']],
    ['SSH-2.0\r\n\r\n', true, ['Error: the answer is no HTTP']],
    ['HTTP/1.1 200', true, undefined],
  ]
  for (const [answer, isEnded, lines] of rows)
    deepEqual(judge(Buffer.from(answer), isEnded)?.lines, lines, answer)
  deepEqual(failed('it broke'), { lines: ['Error: it broke'], status: 1, asErrors: true })
})

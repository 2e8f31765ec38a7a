// Requests by scripts (contract §12.2): what a query makes of a request, and how answers are wrapped.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isCallback } from '../../../../src/frontends/grip/browser/callback.ts'
import { wrapped, wrappedHold } from '../../../../src/frontends/grip/browser/jsonp-answer.ts'
import { type JsonpReading, readJsonp } from '../../../../src/frontends/grip/browser/jsonp-request.ts'
import { Query } from '../../../../src/frontends/grip/browser/query.ts'
import { Passage } from '../../../../src/frontends/grip/proxy/passage.ts'
import { Scene } from '../proxy/given-gateway.ts'
import { choiceOf, FakeExchange } from '../proxy/given-origin.ts'

const line = '*,aco o:80'
const read = (target: string, rule = line, more = {}): JsonpReading | undefined =>
  readJsonp(choiceOf(new FakeExchange(target, more), rule))
const errorOf = (target: string, rule = line): string | undefined => {
  const reading = read(target, rule)
  return reading?.ok === false ? reading.error : undefined
}

describe('a callback', () => {
  test('is a path to a function', () => {
    for (const name of [
      'cb',
      '$',
      '_jp.a1',
      'a.b[0]',
      "a['b-c']",
      'a["x"][1].y',
      'jQuery1_2',
      'a'.repeat(256),
    ]) {
      ok(isCallback(name), name)
    }
  })

  test('is no script', () => {
    const scripts = [
      '',
      'alert(1)//',
      'a;b',
      'a=b',
      'a b',
      'a`x`',
      '1a',
      'a[',
      'a[b]',
      "a['\\'']",
      'a..b',
      'a\n',
      'é',
    ]
    for (const name of [...scripts, 'a'.repeat(257)]) ok(!isCallback(name), name)
  })
})

test('a query has names and values, and keeps what is not taken', () => {
  const query = new Query('a=1&b&c=%41+%zz&a=2&%61=3&=')
  deepEqual(
    ['a', 'b', 'c', 'd', ''].map(name => query.get(name)),
    ['1', '', 'A+%zz', undefined, ''],
  )
  equal(query.without(new Set(['a'])), 'b&c=%41+%zz&=')
  equal(new Query('').get(''), undefined)
})

describe('a request by a script', () => {
  test('loses what is said to the proxy', () => {
    const reading = read('/x?callback=cb&a=1&_method=PUT&_body=b%20c')
    ok(reading?.ok)
    const { exchange, target, query, wrapping } = reading.choice
    deepEqual([exchange.method, exchange.target, target, query], ['PUT', '/x?a=1', '/x?a=1', 'a=1'])
    deepEqual([exchange.body.length, wrapping], [3, { callback: 'cb', isExtended: true }])
  })

  test('cannot say where a body ends, or what only we say', () => {
    const names = [
      'Content-Length',
      'Transfer-Encoding',
      'connection',
      'Host',
      'Accept',
      'Upgrade',
      'Grip-Sig',
      'X-A',
    ]
    const headers = encodeURIComponent(JSON.stringify(Object.fromEntries(names.map(name => [name, '1']))))
    const reading = read(`/x?callback=cb&_headers=${headers}`, line, {
      rawHeaders: ['Content-Length', '5', 'Accept-Encoding', 'gzip', 'Cookie', 'c'],
    })
    ok(reading?.ok)
    deepEqual(reading.choice.exchange.rawHeaders, ['X-A', '1', 'Accept', '*/*', 'Host', 'h', 'Cookie', 'c'])
  })

  test('has headers that can be headers', () => {
    const bad = ['[]', 'null', '{"a b":"1"}', '{"a":"1\\r\\nb: 2"}', '{"a":"\\u0000"}', '"a"', '{"":"1"}']
    for (const headers of bad) {
      equal(errorOf(`/x?callback=a&_headers=${encodeURIComponent(headers)}`), 'Invalid _headers parameter.')
    }
    const many = (count: number) =>
      encodeURIComponent(
        JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, at) => [`x${at}`, '']))),
      )
    equal(errorOf(`/x?callback=a&_headers=${many(64)}`), undefined)
    equal(errorOf(`/x?callback=a&_headers=${many(65)}`), 'Invalid _headers parameter.')
  })

  test('has a method that the proxy knows', () => {
    for (const method of ['CONNECT', 'post', 'A%20B', 'A%0d%0aB', '']) {
      equal(errorOf(`/x?callback=a&_method=${method}`), 'Invalid _method parameter.')
    }
  })

  test('is an ordinary one without a callback, and where it is no GET', () => {
    equal(read('/x?_method=POST'), undefined)
    equal(read('/x?callback=a', line, { method: 'POST' }), undefined)
    equal(read('/x?b=1', '*,aco,jsonp_defcb=d o:80'), undefined)
    equal(read('/x?_body=1', '*,aco,jsonp_body=b,jsonp_defcb=d o:80'), undefined)
    ok(read('/x?b=1', '*,aco,jsonp_body=b,jsonp_defcb=d o:80')?.ok)
  })
})

const head = { status: 200, reason: 'OK', rawHeaders: [] as readonly string[] }
const extended = { callback: 'f', isExtended: true }
const textOf = ({ body }: { readonly body: Uint8Array }): string => Buffer.from(body).toString()

describe('a wrapped answer', () => {
  test('has no end of a line that older scripts know and JSON does not', () => {
    const body = Buffer.from('\u2028\u2029"\0')
    equal(
      textOf(wrapped(extended, { ...head, body })),
      '/**/f({"code": 200, "reason": "OK", "headers": {}, "body": "\\u2028\\u2029\\"\\u0000"});\n',
    )
  })

  test('tells headers that are UTF-8 as text, and is never undone by their names', () => {
    const rawHeaders = ['X', Buffer.from('é').toString('latin1'), '__proto__', 'p', '1', 'q']
    const headers = '{"1":"q","X":"é","__proto__":"p"}'
    ok(textOf(wrapped(extended, { ...head, rawHeaders, body: Buffer.from('') })).includes(headers))
    ok(textOf(wrappedHold(extended, { ...head, rawHeaders, body: Buffer.from('') })).includes(headers))
  })

  test('is none where the body is no text', () => {
    for (const wrap of [wrapped, wrappedHold]) {
      const answer = wrap(extended, {
        ...head,
        rawHeaders: ['Content-Encoding', 'gzip'],
        body: Buffer.from('x'),
      })
      equal(answer.status, 500)
    }
  })
})

describe('an answer as it comes', () => {
  const serve = (scene: Scene, rule = line) => {
    const exchange = new FakeExchange('/x?callback=f')
    const reading = readJsonp(choiceOf(exchange, rule))
    ok(reading?.ok)
    new Passage(scene.gateway, reading.choice.exchange, reading.choice).serve()
    return exchange
  }

  test('is collected where it has a length that is not too long', () => {
    const scene = new Scene()
    const client = serve(scene)
    scene.origin.last.head(200, 'Content-Length', '100000')
    deepEqual(client.got, [])
    const longer = serve(scene)
    scene.origin.last.head(200, 'Content-Length', '100001')
    deepEqual(longer.got, ['200 chunked'])
  })

  test('is decoded across its pieces', () => {
    const scene = new Scene()
    const client = serve(scene)
    scene.origin.last.head(200)
    const bytes = Buffer.from('é')
    scene.origin.last.body(bytes.subarray(0, 1))
    scene.origin.last.body(bytes.subarray(1))
    scene.origin.last.end()
    ok(client.response.written.join('').endsWith('"body": "é"});\nEND'))
  })

  test('that cannot be wrapped is over, and its origin is not read any more', () => {
    const scene = new Scene()
    const client = serve(scene)
    scene.origin.last.head(200, 'Content-Encoding', 'gzip')
    deepEqual(client.got, ['500 Upstream response could not be JSON-P encoded.\n'])
    equal(scene.origin.last.isAborted, true)
    equal(scene.gateway.counters.asking, 0)
  })

  test('that breaks off is cut, collected or not', () => {
    for (const length of ['9', '100001']) {
      const scene = new Scene()
      const client = serve(scene, '*,aco,jsonp_mode=basic o:80')
      scene.origin.last.head(200, 'Content-Length', length)
      scene.origin.last.body('half')
      scene.origin.last.fail({ phase: 'receiving' })
      equal([...client.got, ...client.response.written].at(-1), 'CUT')
    }
  })
})

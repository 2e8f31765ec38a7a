// Paths, queries and bodies to what is asked for.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { need, readParameters, segmentsOf, textsOf } from '../../../src/frontends/pushy/parameters.ts'

const none = new Uint8Array(0)
const json = 'application/json'

function read(query: string | undefined, type?: string, body: string | Uint8Array = none) {
  const reading = readParameters(query, type, Buffer.from(body))
  if (!reading.ok) return reading.reason
  const names = ['a', 'b', 'channels', 'channels[]', 'x']
  return Object.fromEntries(
    names.flatMap(name => {
      const text = reading.parameters.get(name)
      return text === undefined ? [] : [[name, text]]
    }),
  )
}

describe('segments', () => {
  test('empty ones do not count, and escapes are read behind the split', () => {
    deepEqual(segmentsOf('//publish///a%2Fb/'), ['publish', 'a/b'])
    deepEqual(segmentsOf('/publish/a+b'), ['publish', 'a+b'])
    deepEqual(segmentsOf('/publish/%c3%A9'), ['publish', 'é'])
    deepEqual(segmentsOf('/publish/%zz%4'), ['publish', '%zz%4'])
    deepEqual(segmentsOf('/publish/%ff'), ['publish', '%ff'])
    deepEqual(segmentsOf('/'), [])
  })
})

describe('parameters', () => {
  test('a body counts with the content type of JSON alone, and goes before the query', () => {
    deepEqual(read('a=1&b=2', json, '{"a":[1]}'), { a: '[1]', b: '"2"' })
    deepEqual(read('a=1', undefined, '{"a":[1]}'), { a: '"1"' })
    for (const type of [
      'Application/JSON; charset=utf-8',
      'application/vnd.x+json',
      ' application/json ;x',
    ]) {
      deepEqual(read(undefined, type, '{"a":1}'), { a: '1' }, type)
    }
    for (const type of ['text/plain', 'application/jsonx', 'application/+json', '', 'nonsense', 'json']) {
      equal(read(undefined, type, '{}'), 'content-type', type)
    }
  })

  test('an empty body is an empty object; what is no object has no parameters', () => {
    deepEqual(read(undefined, json), {})
    deepEqual(read(undefined, json, '[{"a":1}]'), {})
    equal(read(undefined, json, '{"a":'), 'json-syntax')
    equal(read(undefined, json, Buffer.from([0x22, 0xff, 0x22])), 'json-syntax')
  })

  test('a query has texts and lists', () => {
    deepEqual(read('channels[]=a&channels[]=b&x=%2B+y'), { channels: '["a","b"]', x: '"+ y"' })
    deepEqual(read('channels[]=a&channels=b'), { channels: '"b"' })
    deepEqual(read('channels=b&channels[]=a'), { channels: '["a"]' })
  })

  test('a query is UTF-8, whatever is asked for', () => {
    for (const query of ['a=%ff', 'x=1&b=\ufffd', 'a=%c3']) {
      equal(read(query), 'query-not-utf8', query)
      equal(read(query, json, '{"a":1}'), 'query-not-utf8', query)
    }
    deepEqual(read('a=%C3%A9%EF%BF%BD'), { a: '"é\ufffd"' })
  })

  test('a body is judged whole, and its members are read when somebody asks', t => {
    const { parse } = JSON
    let parses = 0
    t.mock.method(JSON, 'parse', (text: string) => {
      parses++
      return parse(text)
    })
    const body = `{"a":{${Array.from({ length: 50 }, (_, n) => `"\\u0041${n}":1`)}},"\\u0062":2}`
    const reading = readParameters('c[]=1', json, Buffer.from(body))
    equal(parses, 0)
    deepEqual(
      ['a', 'b', 'c', 'd'].map(name => reading.ok && reading.parameters.get(name)?.length),
      [body.length - '{"a":,"\\u0062":2}'.length, 1, 5, undefined],
    )
    equal(parses, 4, 'the escaped key, for each name; nothing inside of a member is read')
  })

  test('one that is needed may be neither missing, nor null, nor an empty text', () => {
    const given = new Map([
      ['null', 'null'],
      ['empty', '""'],
      ['list', '[]'],
    ])
    deepEqual(
      ['gone', 'null', 'empty', 'list'].map(name => {
        const found = need(given, name)
        return found.ok ? found.text : found.reason
      }),
      ['parameter-missing', 'parameter-missing', 'parameter-empty', '[]'],
    )
  })

  test('texts are one or a list of nothing else', () => {
    const texts = ['"a"', '[ "a" , "\\u00e9\\"" ]', '[]', '[1]', 'false', '{}', '["a",null]', '["a",["b"]]']
    deepEqual(
      texts.map(text => textsOf(text, 9)),
      [['a'], ['a', 'é"'], [], undefined, undefined, undefined, undefined, undefined],
    )
  })

  test('texts have a limit, behind which nothing is read', t => {
    deepEqual(textsOf('["a","b"]', 2), ['a', 'b'])
    const parse = t.mock.method(JSON, 'parse')
    equal(textsOf(`["a","b",${Array(1_000).fill('"\\u0063"').join()}]`, 2), undefined)
    equal(parse.mock.callCount(), 0)
  })
})

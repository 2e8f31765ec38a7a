import assert, { deepEqual, equal, match, ok, rejects, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { lineOf } from '../../../src/commands/following.ts'
import { readAll, readLines } from '../../../src/commands/input.ts'
import { findBundledNode, isFitNode, socketsFor } from '../../../src/commands/node-release.ts'
import { wrap } from '../../../src/commands/output.ts'
import { batchesOf, entryOf } from '../../../src/commands/pub-entry.ts'
import { StreamDecoder } from '../../../src/commands/stream-decoder.ts'
import { parseTtl } from '../../../src/commands/token.ts'

/** The bytes, cut at these places. */
function cut(text: string, places: readonly number[]): Uint8Array[] {
  const bytes = Buffer.from(text)
  const ends = [...new Set(places.map(place => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

async function* inPieces(text: string, places: readonly number[]): AsyncGenerator<Uint8Array> {
  yield* cut(text, places)
}

async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = []
  for await (const value of values) all.push(value)
  return all
}

const places = fc.array(fc.nat(), { maxLength: 12 })

describe('stream decoder', () => {
  const decode = (...pieces: Uint8Array[]) => {
    const decoder = new StreamDecoder()
    return pieces.flatMap(piece => decoder.push(piece))
  }

  test('fields, comments, several lines of data, and an id that stays', () => {
    const text = [
      ':hello',
      'event: open',
      'id: e.1',
      'data: {"a":1}',
      '',
      ': beat',
      '',
      'data:one',
      'data:  two',
      'data',
      'retry: 5',
      'other: x',
      '',
      'event: empty',
      '',
      'id',
      'data: z',
      '',
      'data: cut off',
    ].join('\n')
    deepEqual(decode(Buffer.from(text)), [
      { name: 'open', id: 'e.1', data: '{"a":1}' },
      { name: '', id: 'e.1', data: 'one\n two\n', retryMs: 5 },
      { name: '', id: '', data: 'z' },
    ])
  })

  test('every cut of the bytes gives the same, whatever the line ends, characters split or not', () => {
    const end = fc.constantFrom('\n', '\r\n', '\r')
    const field = fc.constantFrom('data: ', 'data:', 'id: ', 'event: ', ':')
    const line = fc.tuple(field, fc.string({ unit: fc.constantFrom('a', 'ß', '✓', '𝄞', ' ', ':', '\ufeff') }))
    const item = fc.array(line, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.array(item, { maxLength: 4 }), end, places, (items, eol, at) => {
        const text = items
          .map(lines => lines.map(([name, value]) => name + value + eol).join('') + eol)
          .join('')
        deepEqual(decode(...cut(text, at)), decode(Buffer.from(text)))
        deepEqual(
          decode(...[...Buffer.from(text)].map(byte => Uint8Array.of(byte))),
          decode(Buffer.from(text)),
        )
      }),
    )
  })

  test('a return and its line feed in two pieces end one line', () => {
    deepEqual(decode(Buffer.from('data: a\r'), Buffer.from('\ndata: b\r\n\r'), Buffer.from('\n')), [
      { name: '', id: '', data: 'a\nb' },
    ])
  })

  test('an event may be as long as the limit and no longer, in one line or many', () => {
    const pushed = (...texts: string[]) => {
      const decoder = new StreamDecoder(20)
      return texts.flatMap(text => decoder.push(Buffer.from(text)))
    }
    equal(pushed('data: 12345678901234', '\n\n').length, 1)
    throws(() => pushed('data: 123456789012345', '\n\n'), RangeError)
    throws(() => pushed('data: 123\n', 'data: 123\n', 'data: '), RangeError)
    equal(pushed('data: 12345678901234\n\n', 'data: 12345678901234\n\n').length, 2)
  })
})

describe('publications out of input', () => {
  test('lines come whole out of any cut, and the last one needs no end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('', 'a', 'ß✓', '𝄞 x', '1')),
        fc.boolean(),
        places,
        async (lines, ended, at) => {
          const text = lines.join('\n') + (ended && lines.length > 0 ? '\n' : '')
          const read = await collect(readLines(inPieces(text, at)))
          const expected = text === '' ? [] : text.replace(/\n$/, '').split('\n')
          deepEqual(read.flat(), expected)
          equal(await readAll(inPieces(text, at)), text.replace(/\n$/, ''))
        },
      ),
    )
  })

  test('bytes that are no UTF-8 are refused', async () => {
    const bytes = async function* () {
      yield Uint8Array.of(0xff)
    }
    await rejects(readAll(bytes()), /not UTF-8/)
    await rejects(collect(readLines(bytes())), /not UTF-8/)
  })

  test('JSON keeps its text, text and base64 are quoted, and what does not fit is a mistake', () => {
    const json = (kind: 'data' | 'text' | 'base64', text: string, key?: string) => {
      const entry = entryOf({ channel: 'a"b', kind, text, key })
      assert('json' in entry, JSON.stringify(entry))
      return entry.json
    }
    equal(json('data', '{"n":12345678901234567890}'), '{"channel":"a\\"b","data":{"n":12345678901234567890}}')
    equal(json('text', 'a\n"', 'k'), '{"channel":"a\\"b","text":"a\\n\\"","idempotency_key":"k"}')
    equal(json('base64', 'AA\nE='), '{"channel":"a\\"b","base64":"AAE="}')
    const mistake = (kind: 'data' | 'base64', text: string) =>
      JSON.stringify(entryOf({ channel: 'a', kind, text, key: undefined }))
    match(mistake('data', 'hello'), /not JSON .*--text/)
    match(mistake('base64', 'A'), /not base64/)
  })

  test('batches keep order, size and count', () => {
    const entries = (count: number, length: number) =>
      Array.from({ length: count }, (_, line) => ({ json: 'x'.repeat(length), line }))
    deepEqual(
      batchesOf(entries(1_001, 2), 1_048_576).map(batch => batch.length),
      [1_000, 1],
    )
    // Two entries of 10, a comma and two brackets are 23 bytes.
    deepEqual(
      batchesOf(entries(4, 10), 23).map(batch => batch.length),
      [2, 2],
    )
    deepEqual(
      batchesOf(entries(4, 10), 22).map(batch => batch.length),
      [1, 1, 1, 1],
    )
    deepEqual(
      batchesOf(entries(2, 300_000), 1_048_576).map(batch => batch.length),
      [1, 1],
    )
    deepEqual(
      batchesOf(entries(5, 10), 23)
        .flat()
        .map(({ line }) => line),
      [0, 1, 2, 3, 4],
    )
  })
})

describe('small parts', () => {
  test('a publication as a line: JSON as it stands, text and bytes, with and without position', () => {
    equal(
      lineOf('plain', 'e.1', '{"data":{"n":12345678901234567890, "m":"}"}}'),
      '{"n":12345678901234567890, "m":"}"}',
    )
    equal(lineOf('plain', 'e.1', '{"data":null}'), 'null')
    equal(lineOf('plain', 'e.1', '{"text":"a\\nb"}'), 'a\nb')
    equal(lineOf('position', 'e.1', '{"base64":"AAE="}'), 'e.1 AAE=')
    equal(lineOf('plain', 'e.1', '{"none":true}'), '')
    equal(lineOf('position', 'e.1', '{"none":true}'), 'e.1 ')
    equal(lineOf('object', 'e.1', '{"none":true}'), '{"position":"e.1","none":true}')
    equal(lineOf('plain', 'e.1', '{"data":{"none":true}}'), '{"none":true}')
    equal(lineOf('object', 'e.1', '{"data":1.0}'), '{"position":"e.1","data":1.0}')
  })

  test('a publication that a person sees is one line that drives nothing, and JSON stays what it is', () => {
    equal(lineOf('plain', 'e.1', '{"text":"a\\nb\\u001b[2J\\u009b"}', true), 'a\\nb\\u001b[2J\\u009b')
    equal(lineOf('position', 'e.1', '{"text":"\u202e"}', true), 'e.1 \\u202e')
    equal(lineOf('plain', 'e.1', '{"data":{"a":\t"\u009b"}}', true), '{"a": "\\u009b"}')
    equal(lineOf('object', 'e.1', '{"text":"\u009b\\t"}', true), '{"position":"e.1","text":"\\u009b\\t"}')
    equal(lineOf('plain', 'e.1', '{"text":"\u202e"}', false), '\u202e')
  })

  test('times of tokens', () => {
    deepEqual(['1', '90s', '15m', '1h', '7d'].map(parseTtl), [1, 90, 900, 3_600, 604_800])
    equal(parseTtl('3660d'), 316_224_000)
    deepEqual(['0', '3661d', '', 'h', '1.5h', '-1', '1w', ' 1h'].map(parseTtl), Array(8).fill(undefined))
  })

  test('lines are wrapped at the width, and a longer word stands alone', () => {
    deepEqual(wrap('aa bb cc', 7, '  '), ['  aa bb', '  cc'])
    deepEqual(wrap('aa bb cc', 6, '  '), ['  aa', '  bb', '  cc'])
    deepEqual(wrap('a-long-word b', 4), ['a-long-word', 'b'])
  })

  test('only the Node.js that the native library is built for is fit', () => {
    deepEqual(['22.0.0', '22.99.1'].map(isFitNode), [true, true])
    deepEqual(['18.20.4', '20.20.2', '2.2.0', '24.1.0'].map(isFitNode), Array(4).fill(false))
  })

  test('the Node.js that takes over gets the sockets that this one was handed, and is told so in its own words', () => {
    const told = { env: { A: 'b', RINGCAST_HANDOVER_FDS: '2' }, sockets: [3, 4] }
    deepEqual(socketsFor({ A: 'b', LISTEN_FDS: '2', LISTEN_PID: '7' }, 7), told)
    deepEqual(socketsFor(told.env, 7), told)
    for (const env of [{ A: 'b' }, { LISTEN_FDS: '2', LISTEN_PID: '8' }, { RINGCAST_HANDOVER_FDS: 'x' }])
      deepEqual(socketsFor(env, 7), { env, sockets: [] })
  })

  test('the Node.js that comes with the project is found for this machine and for no unknown one', () => {
    ok(findBundledNode(import.meta.url, process.platform, process.arch)?.endsWith('/bin/node'))
    equal(findBundledNode(import.meta.url, 'plan9', 'pdp11'), undefined)
  })
})

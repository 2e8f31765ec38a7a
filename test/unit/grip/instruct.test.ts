// Instructions in headers: rows 77 to 91 of the contract as far as they are about what is read, and its §5.1 to §5.3.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { instructKindOf, readHeaderInstruct } from '../../../src/frontends/grip/instruct/from-headers.ts'
import { resolveUri } from '../../../src/frontends/grip/instruct/link.ts'
import { latin1Of, parseList, utf8Of } from '../../../src/frontends/grip/instruct/list.ts'

const options = { uri: 'http://example.org/a/page?x=1', channelsMax: 20 }

function read(...rawHeaders: string[]) {
  return readHeaderInstruct(rawHeaders, options)
}

function instruct(...rawHeaders: string[]) {
  const reading = read(...rawHeaders)
  ok(reading.ok, JSON.stringify(reading))
  return reading.instruct
}

function errorOf(...rawHeaders: string[]): string | undefined {
  const reading = read(...rawHeaders)
  return reading.ok ? undefined : reading.error
}

describe('lists', () => {
  test('commas in quotes split nothing, the first value keeps its quotes, parameters lose them', () => {
    deepEqual(parseList(['"a, b"; x="c\\"d, e" ; Y', 'z;p=']), [
      {
        value: '"a, b"',
        parameters: [
          { name: 'x', value: 'c"d, e' },
          { name: 'y', value: '' },
        ],
      },
      { value: 'z', parameters: [{ name: 'p', value: '' }] },
    ])
  })

  test('an element that does not parse is left out, and an empty one has an empty value', () => {
    const values = (field: string) => parseList([field]).map(({ value }) => value)
    deepEqual(values('u1, , u2,'), ['u1', '', 'u2'])
    deepEqual(values(''), [''])
    deepEqual(values('a, "b, c'), ['a'])
    deepEqual(values('a; x="b" c, d'), ['d'])
  })

  test('any text is as long in parts as in whole', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '"', '\\', ',', ';', '=', ' ', '<', '>')), letters => {
        for (const { value } of parseList([letters.join('')])) ok(letters.join('').includes(value))
      }),
    )
  })

  test('texts and their bytes in headers are turned into each other', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text =>
        equal(utf8Of(latin1Of(text)), text.toWellFormed()),
      ),
    )
  })
})

describe('what a response says', () => {
  const rows: readonly [readonly string[], string | undefined][] = [
    [['Content-Type', 'text/plain'], undefined],
    [['content-type', 'Application/Grip-Instruct; charset=utf-8'], 'json'],
    [['Content-Type', 'application/grip-instructs'], undefined],
    [['X', 'Grip-Hold'], undefined],
    [['gRIP-x', ''], 'headers'],
    [['Grip-Hold', 'stream', 'Content-Type', 'application/grip-instruct'], 'json'],
  ]
  test('it has instructions by any header of GRIP, or by its type', () => {
    for (const [rawHeaders, kind] of rows) equal(instructKindOf(rawHeaders), kind, rawHeaders.join())
  })
})

describe('errors of headers', () => {
  const hold = ['Grip-Hold', 'stream'] as const
  const filters = (count: number) => `a${'; filter=skip-self'.repeat(count)}`
  const rows: readonly [readonly string[], string | undefined][] = [
    [['Grip-Hold', 'foo'], `Grip-Hold must be set to either 'response' or 'stream'`],
    [['Grip-Hold', ''], `Grip-Hold must be set to either 'response' or 'stream'`],
    [['Grip-Hold', 'Stream'], `Grip-Hold must be set to either 'response' or 'stream'`],
    [['Grip-Timeout', 'abc'], 'failed to parse Grip-Timeout'],
    [['Grip-Timeout', '99999999999'], 'failed to parse Grip-Timeout'],
    [['Grip-Timeout', '-1'], 'Grip-Timeout has invalid value'],
    [['Grip-Timeout', '0'], undefined],
    [['Grip-Keep-Alive', ''], 'Grip-Keep-Alive cannot be empty'],
    [['Grip-Keep-Alive', '; timeout=3'], 'Grip-Keep-Alive cannot be empty'],
    [['Grip-Keep-Alive', 'x; mode=foo'], `no such Grip-Keep-Alive mode 'foo'`],
    [['Grip-Keep-Alive', 'x; timeout=y'], 'failed to parse Grip-Keep-Alive timeout value'],
    [['Grip-Keep-Alive', 'x; timeout=-1'], 'Grip-Keep-Alive timeout has invalid value'],
    [['Grip-Keep-Alive', 'x; format=foo'], `no such Grip-Keep-Alive format 'foo'`],
    [['Grip-Keep-Alive', 'a\\; format=cstring'], 'failed to parse Grip-Keep-Alive cstring format'],
    [['Grip-Keep-Alive', 'a\\x4; format=cstring'], 'failed to parse Grip-Keep-Alive cstring format'],
    [['Grip-Channel', filters(5)], undefined],
    [['Grip-Channel', filters(6)], `too many filters for channel 'a'`],
    [['Grip-Channel', 'a; filter=no-such'], undefined],
    [['Grip-Set-Meta', ''], 'Grip-Set-Meta cannot be empty'],
    [['Grip-Set-Meta', '=x'], 'Grip-Set-Meta cannot be empty'],
    [['Grip-Status', 'abc'], 'Grip-Status contains invalid status code'],
    [['Grip-Status', '1000'], 'Grip-Status contains invalid status code'],
    [['Grip-Status', '-1'], 'Grip-Status contains invalid status code'],
    [['Grip-Link', '/n; rel=next'], 'failed to parse Grip-Link value'],
    [['Grip-Link', '<>; rel=next'], 'failed to parse Grip-Link value'],
    [['Grip-Link', '<http://[/>; rel=next'], 'Grip-Link contains invalid link'],
    [['Grip-Link', '<ftp://a/b>; rel=gone'], 'Grip-Link contains invalid link'],
    [['Grip-Link', '</n>; rel=next; timeout=x'], 'failed to parse Grip-Link timeout value'],
    [['Grip-Link', '</n>; rel=next; timeout=-3'], 'Grip-Link timeout has invalid value'],
    [['Grip-Link', '</n>'], undefined],
    [['Grip-Link', 'junk; rel=other'], undefined],
  ]
  test('each has its text', () => {
    for (const [headers, error] of rows) equal(errorOf(...headers, ...hold), error, headers.join(': '))
    equal(errorOf('Grip-Hold', 'foo', 'Grip-Timeout', 'abc'), rows[0]?.[1], 'the first one is told')
  })
})

describe('holds by headers', () => {
  test('defaults and minima are those of the original', () => {
    const timeout = (text: string) => instruct('Grip-Hold', 'response', 'Grip-Timeout', text).hold?.timeoutMs
    equal(instruct('Grip-Hold', 'response').hold?.timeoutMs, 55_000)
    deepEqual([timeout('0'), timeout('4'), timeout('6')], [5_000, 5_000, 6_000])
    const keepAlive = (text: string) =>
      instruct('Grip-Hold', 'stream', 'Grip-Keep-Alive', text).hold?.keepAlive
    deepEqual(keepAlive('"hello world"; timeout=0'), {
      bytes: Buffer.from('"hello world"'),
      timeoutMs: 1_000,
      mode: 'idle',
    })
    equal(keepAlive('x')?.timeoutMs, 55_000)
    equal(keepAlive('x; mode=interval; timeout=2')?.mode, 'interval')
    equal(Buffer.from(keepAlive('a, b')?.bytes ?? []).toString(), 'a, b')
  })

  test('the data of a keep-alive is decoded (row 91)', () => {
    const bytes = (text: string) => {
      const { hold } = instruct('Grip-Hold', 'stream', 'Grip-Keep-Alive', text)
      return Buffer.from(hold?.keepAlive?.bytes ?? []).toString('latin1')
    }
    equal(bytes('a\\r\\n\\x41\\\\b; format=cstring'), 'a\r\nA\\b')
    equal(bytes('a\\tb; format=cstring'), 'ab')
    equal(bytes('aGk=; format=base64'), 'hi')
    equal(bytes('a!G k=; format=base64'), 'hi')
    equal(bytes('\\xff\xe9; format=cstring'), '\xff\xe9')
  })

  test('channels, their ids and filters; a name twice counts once; beyond the limit they are counted', () => {
    const { hold, ignoredChannels } = instruct(
      'Grip-Hold',
      'stream',
      'Grip-Channel',
      'c1; prev-id=1; filter=skip-self; filter=x, , c\xc3\xa9; prev-id=',
      'grip-channel',
      '"q, r", c1; prev-id=2',
    )
    deepEqual(hold?.channels, [
      { name: 'c1', prevId: '2', filters: [] },
      { name: '', prevId: undefined, filters: [] },
      { name: 'cé', prevId: '', filters: [] },
      { name: '"q, r"', prevId: undefined, filters: [] },
    ])
    equal(ignoredChannels, 0)
    const many = Array.from({ length: 23 }, (_, n) => `c${n}`).join(', ')
    const crowded = instruct('Grip-Hold', 'stream', 'Grip-Channel', many)
    deepEqual([crowded.hold?.channels.length, crowded.ignoredChannels], [20, 3])
    deepEqual(instruct('Grip-Hold', 'stream').hold?.channels, [])
  })

  test('metas, status, exposed headers and links', () => {
    const all = instruct(
      'Grip-Set-Meta',
      'user=bob, foo="b a r", id_format="a:%(c)s"',
      'Grip-Status',
      '418',
      'Grip-Expose-Headers',
      'X-A, X-B',
      'Grip-Expose-Headers',
      'X-C',
      'Grip-Link',
      '<next;a,b?p=2>; rel=next; timeout=7, </gone>; rel="gone"',
    )
    deepEqual(all, {
      hold: undefined,
      status: { code: 418, reason: 'Undefined Reason' },
      exposeHeaders: ['x-a', 'x-b', 'x-c'],
      next: { uri: 'http://example.org/a/next;a,b?p=2', timeoutMs: 7_000 },
      gone: { uri: 'http://example.org/gone' },
      ignoredChannels: 0,
    })
    const { hold } = instruct('Grip-Hold', 'stream', 'Grip-Set-Meta', 'user=bob, foo="b a r"')
    deepEqual(
      hold?.meta,
      new Map([
        ['user', 'bob'],
        ['foo', 'b a r'],
      ]),
    )
    deepEqual(instruct('Grip-Status', '404').status, { code: 404, reason: 'Not Found' })
    deepEqual(instruct('Grip-Status', ' 204  Very Empty ').status, { code: 204, reason: 'Very Empty' })
    deepEqual(instruct('Grip-Link', '<http://h:81/x#y>; rel=next').next, {
      uri: 'http://h:81/x',
      timeoutMs: 120_000,
    })
    equal(instruct('Grip-Channel', 'a').exposeHeaders, undefined)
  })
})

test('a link goes on from what was asked, and is one of HTTP', () => {
  const base = 'https://h:8/a/b?c'
  const rows = [
    ['', base],
    ['?d', 'https://h:8/a/b?d'],
    ['../e', 'https://h:8/e'],
    ['//i/j#k', 'https://i/j'],
    ['é', 'https://h:8/a/%C3%A9'],
    ['javascript:1', undefined],
  ] as const
  for (const [text, uri] of rows) equal(resolveUri(text, base), uri)
})

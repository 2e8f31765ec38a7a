// What rows of exchanges expect is held against what came: each word notices what it is there to notice.
import { doesNotThrow, equal, rejects, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answer, type Headers, parseHead } from '../helpers/raw-http.ts'
import { compareAnswer, isAnswer } from './answers.ts'
import type { Dialect, Subscriber } from './dialect.ts'
import { readFor } from './reading.ts'
import type { ExpectedAnswer } from './words.ts'

const date = 'Sat, 18 Apr 2026 16:30:09 GMT'

function came(status: string, headers: Headers, body = ''): Answer {
  const fields = headers.map(([name, value]) => `${name}: ${value}`)
  return { ...parseHead([`HTTP/1.1 ${status}`, ...fields].join('\r\n')), body: Buffer.from(body) }
}

describe('an answer', () => {
  const expected: ExpectedAnswer = {
    kind: 'answer',
    status: 404,
    headers: [
      ['date', '*'],
      ['a', '1'],
      ['b', '2'],
    ],
    body: 'gone',
  }
  const right: Headers = [
    ['B', '2'],
    ['Date', date],
    ['a', '1'],
  ]

  test('has its status, its phrase, all its headers in any order, and its body', () => {
    doesNotThrow(() => compareAnswer(came('404 Not Found', right, 'gone'), expected))
    equal(isAnswer(came('404 Not Found', right, 'gone'), expected), true)
  })

  const wrong: Readonly<Record<string, Answer>> = {
    'another status': came('400 Bad Request', right, 'gone'),
    'another phrase': came('404 Missing', right, 'gone'),
    'another body': came('404 Not Found', right, 'gone '),
    'a header more': came('404 Not Found', [...right, ['c', '3']], 'gone'),
    'a header twice': came('404 Not Found', [...right, ['a', '1']], 'gone'),
    'a header less': came('404 Not Found', right.slice(1), 'gone'),
    'no date': came('404 Not Found', [right[0] ?? ['', ''], right[2] ?? ['', '']], 'gone'),
    'another value': came('404 Not Found', [...right.slice(0, 2), ['a', '2']], 'gone'),
    'a date in another form': came(
      '404 Not Found',
      [
        ['B', '2'],
        ['date', '2026-04-18'],
        ['a', '1'],
      ],
      'gone',
    ),
  }
  for (const [what, answer] of Object.entries(wrong)) {
    test(`with ${what} is another one`, () => {
      throws(() => compareAnswer(answer, expected))
      equal(isAnswer(answer, expected), false)
    })
  }

  test('may have a body that goes on, fits a pattern, or says what only a mask can know', () => {
    const answer = came('404 Not Found', right, 'gone for 17 s')
    for (const more of [{ prefix: true }, { body: /^gone for \d+ s$/ }] as const)
      doesNotThrow(() => compareAnswer(answer, { ...expected, ...more }))
    const masked = { body: 'gone for # s', mask: (body: string) => body.replace(/\d+/, '#') }
    doesNotThrow(() => compareAnswer(answer, { ...expected, ...masked }))
    throws(() => compareAnswer(answer, { ...expected, body: 'one', prefix: true }))
    throws(() => compareAnswer(answer, { ...expected, body: /^gone for \d+$/ }))
    throws(() => compareAnswer(answer, { ...masked, ...expected }))
  })
})

/** Beats are empty, and a series is what stands in brackets. */
const wire: Pick<Dialect, 'isBeat' | 'series'> = {
  isBeat: part => part === '',
  series: {
    publish: () => ({ method: '', target: '', status: 0 }),
    contentOf: part => /^<(.*)>$/.exec(part)?.[1] ?? 'none',
  },
}

/** One that is sent these parts; then its connection closes, or stays. */
function subscriberOf(parts: readonly string[], { closed = true, sentMs = 0 } = {}): Subscriber {
  const left = [...parts]
  const client = { closed, ended: () => Promise.resolve() }
  return {
    client: client as unknown as Subscriber['client'], // all that is asked of it
    reader: { next: () => Promise.resolve(left.shift()) },
    channel: 'c',
    slot: 0,
    sentMs,
    method: 'GET',
    left: [],
  }
}

type Readable = Parameters<typeof readFor>[1]

describe('a subscriber', () => {
  const accepts = (parts: readonly string[], expected: Readable, options = {}) =>
    readFor(subscriberOf(parts, options), expected, wire)

  test('is read for parts, amid heartbeats only where they may be', async () => {
    equal(await accepts(['a', 'b', 'more'], { kind: 'parts', parts: ['a', 'b'] }), false)
    await accepts(['', 'a', '', '', 'b'], { kind: 'parts', parts: ['a', 'b'], amidBeats: true })
    await rejects(accepts(['a', '', 'b'], { kind: 'parts', parts: ['a', 'b'] }))
    await rejects(accepts(['a'], { kind: 'parts', parts: ['a', 'b'] }))
    await rejects(accepts(['b', 'a'], { kind: 'parts', parts: ['a', 'b'] }))
  })

  test('is read for so many heartbeats and nothing else', async () => {
    await accepts(['', '', 'a'], { kind: 'beats', count: 2 })
    await rejects(accepts(['', 'a'], { kind: 'beats', count: 2 }))
    await rejects(accepts([''], { kind: 'beats', count: 2 }))
  })

  test('has a series as a whole, each once and in order', async () => {
    await accepts(['<0>', '', '<1 >', '<2>'], { kind: 'series', count: 3 })
    for (const parts of [['<0>', '<2>'], ['<0>', '<0>'], ['<1>', '<0>'], ['<0>'], ['0', '1']])
      await rejects(accepts(parts, { kind: 'series', count: 2 }))
  })

  test('is cut in the middle of a series, without a hole, behind its last parts', async () => {
    equal(await accepts(['<0>', '', '<1>', 'bye'], { kind: 'cut', shorterThan: 3, parts: ['bye'] }), true)
    for (const parts of [['<0>', '<1>', '<2>', 'bye'], ['<0>', '<2>', 'bye'], ['<0>'], ['bye']])
      await rejects(accepts(parts, { kind: 'cut', shorterThan: 3, parts: ['bye'] }))
  })

  test('ends behind its last parts, with its connection or without', async () => {
    const expected = { kind: 'ended', parts: ['bye'], stays: false } as const
    equal(await accepts(['', 'bye'], expected), true)
    await rejects(accepts(['a', 'bye'], expected))
    await rejects(accepts([], expected))
    await rejects(accepts(['bye'], expected, { closed: false }))
    equal(await accepts(['bye'], { ...expected, stays: true }, { closed: false }), true)
    await rejects(accepts(['bye'], { ...expected, stays: true }))
  })

  test('is sent nothing before its time', async () => {
    const inTime = { sentMs: performance.now() - 1_000 }
    for (const expected of [
      { kind: 'parts', parts: [''], fromMs: 1_000 },
      { kind: 'beats', count: 1, fromMs: 1_000 },
      { kind: 'ended', parts: [], stays: false, fromMs: 1_000 },
    ] as const) {
      await accepts([''], expected, inTime)
      await rejects(accepts([''], { ...expected, fromMs: 100_000 }, inTime), /already/)
    }
  })
})

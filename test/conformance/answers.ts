// Holds an answer that came against the one that a row expects.
import assert, { deepEqual, equal, match } from 'node:assert/strict'
import { STATUS_CODES } from 'node:http'
import { type Answer, type Head, type Headers, headerOf } from '../helpers/raw-http.ts'
import type { ExpectedAnswer } from './words.ts'

const httpDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/

/** Every header counts: one more than expected is as wrong as one less. */
export function compareHead(
  head: Head,
  expected: Pick<ExpectedAnswer, 'status' | 'line' | 'headers' | 'anyFraming' | 'closes' | 'inOrder'>,
  body = '',
): void {
  const hidden = new Set(expected.headers.flatMap(([name, value]) => (value === '*' ? [name] : [])))
  const isFraming = (name: string) => name === 'content-length' || name === 'transfer-encoding'
  const shown = (headers: Headers) => {
    const wanted = headers.filter(([name, value]) => {
      // An answer need not say that the connection closes behind it.
      if (expected.closes && name === 'connection' && value === 'close') return false
      return !(expected.anyFraming && isFraming(name))
    })
    const lines = wanted.map(([name, value]) => `${name}: ${hidden.has(name) ? '*' : value}`)
    return expected.inOrder ? lines : lines.sort()
  }
  deepEqual(
    { line: head.line, headers: shown(head.headers) },
    {
      line: expected.line ?? `HTTP/1.1 ${expected.status} ${STATUS_CODES[expected.status]}`,
      headers: shown(expected.headers),
    },
    body,
  )
  const date = headerOf(head, 'date')
  if (date !== undefined) match(date, httpDate)
}

export function compareAnswer(answer: Answer, expected: ExpectedAnswer): void {
  const text = answer.body.toString()
  compareHead(answer, expected, text)
  const body = expected.mask?.(text) ?? text
  if (typeof expected.body !== 'string') return match(body, expected.body)
  if (expected.prefix) assert(body.startsWith(expected.body), `${body} does not begin with ${expected.body}`)
  else equal(body, expected.body)
}

export function isAnswer(answer: Answer, expected: ExpectedAnswer): boolean {
  try {
    compareAnswer(answer, expected)
    return true
  } catch {
    return false
  }
}

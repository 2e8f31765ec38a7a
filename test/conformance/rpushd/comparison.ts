// Holds what came against what a row expects: answers with all their headers, series without a hole, frames as bytes.
import assert, { deepEqual, equal } from 'node:assert/strict'
import { STATUS_CODES } from 'node:http'
import type { Answer, FrameStream } from './client.ts'
import { maskStats } from './stats.ts'
import type { ExpectedAnswer } from './vocabulary.ts'

const httpDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/

/** Every header counts: one more than expected is as wrong as one less. */
export function compareAnswer(answer: Answer, expected: ExpectedAnswer): void {
  const wanted = new Map(expected.headers)
  const any = (name: string, value: string) => (wanted.get(name) === '*' ? '*' : value)
  const text = answer.body.toString('utf8')
  const body = expected.masked ? maskStats(text) : text
  deepEqual(
    {
      line: answer.line,
      headers: answer.headers.map(([name, value]) => `${name}: ${any(name, value)}`).sort(),
      body: expected.prefix ? body.slice(0, expected.body.length) : body,
    },
    {
      line: `HTTP/1.1 ${expected.status} ${STATUS_CODES[expected.status]}`,
      headers: expected.headers.map(([name, value]) => `${name}: ${value}`).sort(),
      body: expected.body,
    },
  )
  const date = answer.headers.find(([name]) => name === 'date')
  if (date !== undefined) assert.match(date[1], httpDate)
}

export function isAnswer(answer: Answer, expected: ExpectedAnswer): boolean {
  try {
    compareAnswer(answer, expected)
    return true
  } catch {
    return false
  }
}

/** How many, provided that they are `0`, `1`, … without a hole. */
export function countSeries(payloads: readonly Uint8Array[]): number {
  const numbers = payloads.map(payload => Number(JSON.parse(Buffer.from(payload).toString())))
  deepEqual(numbers, [...payloads.keys()], 'a series without a hole')
  return payloads.length
}

/** As many frames as it takes for that many bytes. */
export async function compareWire(stream: FrameStream, hex: string): Promise<void> {
  let seen = ''
  while (seen.length < hex.length) {
    const [payload] = await stream.read(1)
    assert(payload, `the stream ended behind ${seen}`)
    seen += payload.length.toString(16).padStart(4, '0') + Buffer.from(payload).toString('hex')
  }
  equal(seen, hex.toLowerCase())
}

// The benches at their smallest: questions with every program for one round, two of them each day; the soak plays all. No time
// is judged; that nothing is lost, doubled or out of order is, and that each question brings what its table promises.
import { deepEqual, match, ok } from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, test } from 'node:test'
import { payloadTemplate, stamp } from '../../bench/load/payload.ts'
import { StreamReader } from '../../bench/load/stream-reader.ts'
import { Tally } from '../../bench/load/tally.ts'
import type { Question } from '../../bench/question.ts'
import { answer, playSmallest, smallest } from '../helpers/bench-rounds.ts'
import { acceptOfKey, frame, opcode } from '../helpers/raw-websocket.ts'

const dayMs = 86_400_000

test('each file of scenarios is a question of its name', () => {
  const files = readdirSync(new URL('../../bench/scenarios/', import.meta.url))
  deepEqual(smallest.map(({ name }) => `${name}.ts`).toSorted(), files.toSorted())
})

const turns = Math.ceil(smallest.length / 2)
const today = Math.floor(Date.now() / dayMs) % turns
playSmallest(
  `the smallest round of two questions, turn ${today + 1} of ${turns} today`,
  smallest.filter((_, at) => at % turns === today),
)

describe('the judge of deliveries', () => {
  const template = payloadTemplate(40, 1)
  const plan = { part: 1, payloadBytes: template.length, timed: false, whole: false }

  /** Deliveries are stream, publisher and sequence number; what is wrong is told, nothing else. */
  function judge(
    publishers: number,
    channels: number,
    deliveries: readonly (readonly [number, number, number])[],
  ): boolean {
    const tally = new Tally({ ...plan, publishers, channels }, 4, 0)
    const bytes = Buffer.from(template)
    for (const [stream, publisher, sequence] of deliveries) {
      stamp(bytes, 0, 1, publisher, sequence, 0)
      tally.message(stream, bytes, 0, bytes.length)
    }
    const totals = Array.from({ length: publishers }, () => 2)
    return tally.complete(totals) && tally.failure === ''
  }

  const streams = [0, 1, 2, 3]
  const shared = streams.flatMap(stream => [0, 1].map(sequence => [stream, 0, sequence] as const))
  // Message k of publisher p is for channel 2k + p.
  const spread = streams.map(stream => [stream, stream % 2, Math.floor(stream / 2)] as const)

  test('accepts each message once and in order, on one channel and on many', () => {
    ok(judge(1, 1, shared))
    ok(judge(2, 4, spread))
  })

  test('refuses a loss, a duplicate, disorder and a message for another channel', () => {
    for (const [publishers, channels, sound] of [
      [1, 1, shared],
      [2, 4, spread],
    ] as const) {
      ok(!judge(publishers, channels, sound.slice(1)))
      ok(!judge(publishers, channels, [...sound, sound.at(-1) ?? [0, 0, 0]]))
    }
    ok(!judge(1, 1, shared.toReversed()))
    ok(!judge(2, 4, [[1, 0, 0], ...spread.slice(1)]))
  })

  test('refuses two streams of one channel that see different orders', () => {
    const one = [0, 1].flatMap(sequence => [0, 1].map(publisher => [0, publisher, sequence] as const))
    const other = streams
      .slice(1)
      .flatMap(stream =>
        [0, 1].flatMap(publisher => [0, 1].map(sequence => [stream, publisher, sequence] as const)),
      )
    ok(!judge(2, 1, [...one, ...other]))
  })
})

describe('the reader of streams', () => {
  const upgraded = `HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: ${acceptOfKey}\r\n\r\n`
  const held = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
  const sent = (code: number, payload: Uint8Array | string = '') => frame(code, payload, { masked: false })

  /** What it tells of `bytes` that come in reads of so many. */
  function told(bytes: Buffer, readBytes: number): string[] {
    const tell: string[] = []
    const reader = new StreamReader({
      opened: () => tell.push('opened'),
      message: (source, at, length) => tell.push(Buffer.from(source.subarray(at, at + length)).toString()),
      asked: answer => tell.push(`asked for ${Buffer.from(answer).toString('hex')}`),
      failed: reason => tell.push(reason),
    })
    // As the load reads: one buffer for all reads, with the rest of an earlier one behind what came.
    const buffer = Buffer.alloc(Math.min(readBytes, bytes.length) + 16, 0xff)
    for (let at = 0; at < bytes.length; at += readBytes) {
      const read = bytes.subarray(at, at + readBytes)
      buffer.set(read)
      reader.push(buffer, read.length)
    }
    return tell
  }

  test('understands messages of a WebSocket of every length, however the bytes are split', () => {
    const texts = ['', 'a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(65_535), 'e'.repeat(65_536)]
    const bytes = Buffer.concat([
      Buffer.from(upgraded),
      ...texts.map(text => sent(opcode.text, text)),
      sent(opcode.ping, 'hi'),
      sent(opcode.binary, 'last'),
    ])
    for (const readBytes of [7, 126, 4_096, bytes.length])
      deepEqual(told(bytes, readBytes), ['opened', ...texts, 'asked for 8a82000000006869', 'last'])
    const short = Buffer.concat([Buffer.from(upgraded), sent(opcode.text, texts[3]), sent(opcode.text, 'f')])
    deepEqual(told(short, 1), ['opened', texts[3], 'f'])
  })

  test('fails at a close, a fragment, and an answer that is neither a stream nor a WebSocket', () => {
    const after = (bytes: Buffer) => told(Buffer.concat([Buffer.from(upgraded), bytes]), 1)
    deepEqual(after(sent(opcode.close, Buffer.from([3, 0xe9]))), ['opened', 'the server closed it with 1001'])
    deepEqual(after(sent(opcode.close)), ['opened', 'the server closed it with no code'])
    deepEqual(after(frame(opcode.text, 'x', { masked: false, fin: false })), [
      'opened',
      'a frame that begins with 1',
    ])
    for (const head of ['HTTP/1.1 403 Forbidden\r\n\r\n', upgraded.replace('=', 'x')])
      match(told(Buffer.from(head), head.length).join(), /^no stream: HTTP/)
  })

  test('understands frames in chunks, however the bytes are split', () => {
    const bytes = Buffer.from(`${held}8\r\n\0\0\0\x03abc\0\r\n3\r\n\x02de\r\n0\r\n\r\n`, 'latin1')
    for (const readBytes of [1, 2, 5, bytes.length])
      deepEqual(told(bytes, readBytes), ['opened', 'abc', 'de', 'the server ended the stream'])
  })
})

test('two programs that deliver different bytes fail the run', async () => {
  const [question] = smallest
  ok(question)
  let turns = 0
  const lying: Question = {
    ...question,
    programs: question.programs.slice(0, 2),
    round: async () => ({ figures: {}, checksum: turns++ }),
  }
  const failed = await answer(lying).then(
    () => '',
    error => String(error),
  )
  match(failed, /delivered differently/)
})

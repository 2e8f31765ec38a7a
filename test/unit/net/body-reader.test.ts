// The bounds of a body's framing, each on both sides, and what is handed over. Rows of framing that is broken stand in
// test/contracts/net/gate-malformed.ts.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BodyReader } from '../../../src/net/gate/body-reader.ts'

const chunked = { kind: 'chunked' } as const

function read(reader: BodyReader, text: string): { state: string; taken: number; content: string } {
  const pieces: Buffer[] = []
  const { taken, state } = reader.read(Buffer.from(text, 'latin1'), piece => void pieces.push(piece))
  return { state, taken, content: Buffer.concat(pieces).toString('latin1') }
}

const stateOf = (text: string) => read(new BodyReader(chunked), text).state
const end = '0\r\n\r\n'

describe('a body with a length', () => {
  test('is done with its last byte, and leaves what is behind', () => {
    const reader = new BodyReader({ kind: 'length', bytes: 5 })
    deepEqual(read(reader, 'hel'), { state: 'more', taken: 3, content: 'hel' })
    deepEqual(read(reader, ''), { state: 'more', taken: 0, content: '' })
    deepEqual(read(reader, 'loGET'), { state: 'done', taken: 2, content: 'lo' })
    deepEqual(read(reader, 'GET'), { state: 'done', taken: 0, content: '' })
  })

  test('of nothing is done before anything comes', () => {
    const reader = new BodyReader({ kind: 'length', bytes: 0 })
    deepEqual(read(reader, 'GET'), { state: 'done', taken: 0, content: '' })
  })
})

describe('a body in chunks', () => {
  test('hands over views of what it was given', () => {
    const bytes = Buffer.from(`5\r\nhello\r\n${end}GET`)
    const pieces: Buffer[] = []
    const { taken } = new BodyReader(chunked).read(bytes, piece => void pieces.push(piece))
    equal(taken, bytes.length - 'GET'.length)
    deepEqual(pieces.map(String), ['hello'])
    equal(pieces[0]?.buffer, bytes.buffer)
  })

  test('stays broken', () => {
    const reader = new BodyReader(chunked)
    equal(read(reader, 'x\r\n').state, 'broken')
    deepEqual(read(reader, end), { state: 'broken', taken: 0, content: '' })
  })

  test('has chunk lines of 256 bytes at most', () => {
    const line = (bytes: number) => `1;${'a'.repeat(bytes - '1;\r\n'.length)}\r\n`
    equal(stateOf(`${line(256)}x\r\n${end}`), 'done')
    equal(stateOf(`${line(257)}x\r\n${end}`), 'broken')
    equal(stateOf(line(300).slice(0, 256)), 'more')
    equal(stateOf(line(300).slice(0, 257)), 'broken')
  })

  test('has 4,096 bytes of extensions at most', () => {
    const chunk = (bytes: number) => `1;${'a'.repeat(bytes - 1)}\r\nx\r\n`
    const most = chunk(128).repeat(32)
    equal(stateOf(most + end), 'done')
    equal(stateOf(`${most}0;a\r\n\r\n`), 'broken')
  })

  test('has 32 trailers and 4,096 bytes of them at most, the empty line among them', () => {
    equal(stateOf(`0\r\n${'a: b\r\n'.repeat(32)}\r\n`), 'done')
    equal(stateOf(`0\r\n${'a: b\r\n'.repeat(33)}\r\n`), 'broken')
    const ofBytes = (bytes: number) => `0\r\na:${'x'.repeat(bytes - 'a:\r\n\r\n'.length)}\r\n\r\n`
    equal(stateOf(ofBytes(4_096)), 'done')
    equal(stateOf(ofBytes(4_097)), 'broken')
    equal(stateOf(ofBytes(9_000).slice(0, 3 + 4_097)), 'broken')
  })

  test('may come in 1,024 chunks of any size; one more of less than 64 bytes on average breaks it', () => {
    const chunk = (bytes: number) => `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`
    equal(stateOf(chunk(1).repeat(1_024) + end), 'done')
    equal(stateOf(chunk(1).repeat(1_025) + end), 'broken')
    equal(stateOf(chunk(64).repeat(3_000) + end), 'done')
    equal(stateOf(chunk(64).repeat(1_024) + chunk(63)), 'broken')
    // The last chunk, which is empty, is none of them.
    equal(stateOf(chunk(64).repeat(1_025) + end), 'done')
  })

  test('is as long in all as numbers are exact', () => {
    equal(stateOf('1fffffffffffff\r\n'), 'more')
    equal(stateOf('20000000000000\r\n'), 'broken')
    equal(stateOf(`1\r\nx\r\n1ffffffffffffe\r\n`), 'more')
    equal(stateOf(`1\r\nx\r\n1fffffffffffff\r\n`), 'broken')
  })

  test('is read in time that grows with its bytes, whatever its lines are made of', () => {
    // A line that could be matched in many ways would take longer than any deadline here.
    equal(stateOf(`1${';a=b'.repeat(62)};\r\n`), 'broken')
    equal(stateOf(`1;a="${' '.repeat(245)}\r\n`), 'broken')
    const reader = new BodyReader(chunked)
    for (const byte of `5${';a'.repeat(100)}\r\nhello\r\n${end}`) ok(read(reader, byte).state !== 'broken')
  })
})

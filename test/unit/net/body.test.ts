// How a body is put together from whatever pieces it comes in.
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Body } from '../../../src/net/body.ts'

const options = { bytesMax: 100_000, bytesToCome: 0, isChunked: true, isBorrowed: false }

const piece = (text: string) => new Uint8Array(Buffer.from(text)).buffer

describe('a body', () => {
  test('is what its pieces say, and is held in no more memory than twice its size', () => {
    const body = new Body(options)
    const text = Array.from({ length: 5_000 }, (_, index) => `${index},`.padEnd(8)).join('')
    for (let at = 0; at < text.length; at += 80) {
      equal(body.add(piece(text.slice(at, at + 80)), false), undefined)
      ok(body.heldBytes <= 2 * (at + 80), `${body.heldBytes} bytes for ${at + 80}`)
    }
    const whole = body.add(piece(''), true) as Uint8Array // a fault would fail the next line
    equal(Buffer.from(whole).toString(), text)
    equal(whole.buffer.byteLength, text.length, 'what may be kept for long holds nothing else')
  })

  test('of one piece is copied, unless nobody keeps it', () => {
    for (const isBorrowed of [false, true]) {
      const bytes = piece('hello')
      const whole = new Body({ ...options, isBorrowed }).add(bytes, true) as Uint8Array // as above
      equal(Buffer.from(whole).toString(), 'hello')
      equal(whole.buffer === bytes, isBorrowed)
    }
  })

  test('of nothing is nothing', () => {
    deepEqual(new Body(options).add(piece(''), true), new Uint8Array(0))
  })

  test('is too large with its first byte beyond the limit, or by what it announced', () => {
    const body = new Body({ ...options, bytesMax: 3 })
    equal(body.add(piece('abc'), false), undefined)
    equal(body.add(piece('d'), false), 'too-large')
    equal(new Body({ ...options, bytesMax: 3, bytesToCome: 4 }).add(piece('a'), false), 'too-large')
    notEqual(new Body({ ...options, bytesMax: 3, bytesToCome: 3 }).add(piece('abc'), true), 'too-large')
  })

  test('may come in 1,024 chunks of any size; one more of less than 64 bytes on average is refused', () => {
    const body = new Body(options)
    for (let count = 0; count < 1_024; count++) equal(body.add(piece('x'), false), undefined)
    equal(body.add(piece('x'), false), 'in-crumbs')
    const sound = new Body(options)
    for (let count = 0; count < 1_500; count++) equal(sound.add(piece('x'.repeat(64)), false), undefined)
    const byNetwork = new Body({ ...options, isChunked: false })
    for (let count = 0; count < 2_000; count++) equal(byNetwork.add(piece('x'), false), undefined)
  })
})

import { deepEqual, equal, notEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { packExact, unpack } from '../../../src/std/msgpack.ts'
import { isPlain, ownPlain, type Plain, plainBytes } from '../../../src/std/plain.ts'

const all: Plain = { text: 'x', number: 1.5, yes: true, none: null, nothing: undefined, list: [[], {}] }

describe('plain data', () => {
  test('counts its texts, names and bytes, and what holds them', () => {
    deepEqual([plainBytes(7), plainBytes(null), plainBytes('four')], [16, 16, 20])
    deepEqual([plainBytes([]), plainBytes({}), plainBytes(new Uint8Array(100))], [64, 64, 164])
    deepEqual([plainBytes(['four', 7]), plainBytes({ name: 'four' })], [64 + 20 + 16, 64 + 4 + 20])
  })

  test('is copied out of what it is a part of', () => {
    const whole = new Uint8Array([1, 2, 3])
    const part = whole.subarray(1)
    const value = { ...all, whole, parts: [part] }
    const copy = ownPlain(value) as typeof value // of the same form
    deepEqual(copy, value)
    equal(copy.whole, whole)
    notEqual(copy.parts[0]?.buffer, whole.buffer)
  })

  test('is told from what does not cross a thread or has a prototype of its own', () => {
    equal(isPlain({ ...all, bytes: Buffer.from('x') }, 3), true)
    for (const value of [() => {}, Symbol('x'), 1n, new Date(), new Map(), [new Set()], { a: [1n] }]) {
      equal(isPlain(value, 3), false)
    }
  })

  test('has no more members than can be packed', () => {
    const record = (members: number) =>
      Object.fromEntries(Array.from({ length: members }, (_, n) => [`m${n}`, n]))
    deepEqual([isPlain(record(65_535), 1), isPlain(record(65_536), 1)], [true, false])
    equal(Object.keys(unpack(packExact(record(65_535))) as object).length, 65_535) // what was packed
    equal(isPlain(Array(65_536).fill(1), 1), true)
  })

  test('is nested as deep as one says, and no deeper', () => {
    deepEqual([isPlain('x', 0), isPlain(new Uint8Array(1), 0), isPlain([], 0)], [true, true, false])
    deepEqual([isPlain([[{}]], 3), isPlain([[{}]], 2)], [true, false])
  })
})

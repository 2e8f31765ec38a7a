import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { packForPort, unpackFromPort } from '../../../src/std/msgpack.ts'

const everyByte = Uint8Array.from({ length: 256 }, (_, at) => at)

describe('a parcel between threads', () => {
  test('of little is text, and every byte comes back', () => {
    const parcel = packForPort([1, 'žluť', everyByte, undefined])
    equal(typeof parcel, 'string')
    deepEqual(unpackFromPort(parcel), [1, 'žluť', Buffer.from(everyByte), undefined])
  })

  test('of much owns its buffer, so that it can be transferred', () => {
    const much = new Uint8Array(16_385).fill(0xe9)
    const parcel = packForPort([much])
    ok(typeof parcel !== 'string')
    equal(parcel.byteLength, parcel.buffer.byteLength)
    deepEqual(unpackFromPort(structuredClone(parcel, { transfer: [parcel.buffer] })), [much])
  })

  test('does not change when the next one is packed', () => {
    const first = packForPort(['first'])
    packForPort(['other'])
    deepEqual(unpackFromPort(first), ['first'])
  })
})

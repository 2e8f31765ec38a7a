// Frames of ours: lengths on both sides of each bound, masks, and what a close frame carries.
import { deepEqual, equal, notDeepEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clientFrame, closePayload, frameHead, serverFrame } from '../../../src/net/gate/frame-writer.ts'
import { mask, turned } from '../../../src/net/gate/mask.ts'
import { opcode } from '../../../src/net/gate/opcode.ts'
import { frameAt } from '../../helpers/raw-websocket.ts'

describe('a frame', () => {
  for (const [length, headBytes] of [
    [0, 2],
    [125, 2],
    [126, 4],
    [65_535, 4],
    [65_536, 10],
    [300_000, 10],
  ] as const)
    test(`of ${length} bytes has a head of ${headBytes}, and ${headBytes + 4} of a client`, () => {
      const payload = Buffer.alloc(length, 'abc')
      const server = serverFrame('text', payload)
      equal(server.length, headBytes + length)
      deepEqual(server.subarray(0, headBytes), frameHead(opcode.text, true, length))
      const client = clientFrame(opcode.continuation, false, payload, 0xf1020304)
      equal(client.length, headBytes + 4 + length)
      const all = { fin: true, reserved: 0, payload }
      deepEqual(frameAt(server, 0)?.frame, { ...all, code: 1, isMasked: false })
      deepEqual(frameAt(client, 0)?.frame, { ...all, code: 0, fin: false, isMasked: true })
      if (length > 0) notDeepEqual(client.subarray(headBytes + 4), payload)
    })
})

test('a mask is the same from any place on, in any alignment', () => {
  const key = 0x9a3b_c7d1 | 0
  const keyBytes = [0x9a, 0x3b, 0xc7, 0xd1]
  for (const length of [0, 1, 3, 4, 63, 64, 65, 66, 67, 200])
    for (const offset of [0, 1, 2, 3, 5])
      for (const done of [0, 1, 2, 3, 4, 7]) {
        const whole = Buffer.alloc(offset + length + 4, 0x55)
        const bytes = whole.subarray(offset, offset + length)
        mask(bytes, turned(key, done))
        deepEqual(
          [...bytes],
          Array.from({ length }, (_, at) => 0x55 ^ (keyBytes[(at + done) % 4] ?? 0)),
        )
        deepEqual(
          [...whole.subarray(0, offset), ...whole.subarray(offset + length)],
          Array(offset + 4).fill(0x55),
        )
      }
})

describe('a close frame', () => {
  test('carries nothing without a code, and the code in front of the reason', () => {
    equal(closePayload(undefined, 'lost').length, 0)
    deepEqual([...closePayload(4999, 'hi')], [0x13, 0x87, 0x68, 0x69])
    deepEqual([...closePayload(65_535, Buffer.of(0xff))], [0xff, 0xff, 0xff])
  })

  test('carries a reason of 123 bytes, and of a longer one its whole characters', () => {
    equal(closePayload(1000, 'a'.repeat(123)).length, 125)
    equal(closePayload(1000, 'a'.repeat(124)).length, 125)
    equal(closePayload(1000, `${'a'.repeat(122)}é`).length, 124)
    equal(closePayload(1000, `${'a'.repeat(121)}é`).length, 125)
    equal(closePayload(1000, Buffer.alloc(200, 0x80)).length, 2)
  })
})

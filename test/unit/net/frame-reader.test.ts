// Every row of the table of frames, whole, byte by byte and cut at every place, as far as the reader is concerned; and what it keeps
// alive.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FrameReader } from '../../../src/net/gate/frame-reader.ts'
import { bytesOf, type FrameRow } from '../../contracts/net/frame-row.ts'
import { rows } from '../../contracts/net/frame-rows.ts'
import { HeardFrames } from '../../helpers/frames/heard-frames.ts'
import { frame, opcode } from '../../helpers/raw-websocket.ts'

/** Up to so many bytes a row is cut everywhere, beyond near its ends and at some places between. */
const cutEverywhereMax = 1_000
const cutsMax = 40

function heardOf(pieces: readonly Buffer[]): readonly string[] {
  const reader = new FrameReader()
  const heard = new HeardFrames()
  for (const piece of pieces) {
    // Masks are taken off in place.
    reader.add(Buffer.from(piece))
    for (;;) {
      const found = reader.next(heard)
      if (found === 'more') break
      if (found !== 'frame') {
        heard.gone(found)
        return heard.events
      }
    }
    ok(reader.bytes < 2 + 8 + 4 + 125, `${reader.bytes} bytes wait`)
  }
  return heard.events
}

function expectedOf({ heard, fault }: FrameRow): readonly string[] {
  return fault === undefined ? heard : [...heard, `gone ${fault}`]
}

function* cutsOf(length: number): Iterable<number> {
  const step = length <= cutEverywhereMax ? 1 : Math.floor(length / cutsMax)
  for (let at = 1; at < length; at += at < 20 || at > length - 20 ? 1 : step) yield at
}

describe('a reader', () => {
  for (const row of rows) {
    test(row.name, () => {
      for (const masked of [true, false]) {
        const bytes = Buffer.concat(bytesOf(row.send, masked))
        deepEqual(heardOf([bytes]), expectedOf(row))
        const isLarge = bytes.length > 70_000
        for (const at of isLarge ? [1, 2, 9, 10, 13, 14, 15, 65_550] : cutsOf(bytes.length))
          deepEqual(heardOf([bytes.subarray(0, at), bytes.subarray(at)]), expectedOf(row), `cut at ${at}`)
        if (!isLarge) deepEqual(heardOf(Array.from(bytes, byte => Buffer.of(byte))), expectedOf(row))
      }
    })
  }

  test('hands a large frame on as it comes', () => {
    const reader = new FrameReader()
    const heard = new HeardFrames()
    const bytes = frame(opcode.binary, Buffer.alloc(1_000_000))
    for (let at = 0; at < bytes.length; at += 10_000) {
      reader.add(bytes.subarray(at, at + 10_000))
      equal(reader.next(heard), 'frame')
      equal(reader.bytes, 0)
    }
    equal(heard.pieces, 101)
  })

  test('hands a small piece on without what came beside it', () => {
    const reader = new FrameReader()
    const payloads: Buffer[] = []
    const keep = (payload: Buffer) => void payloads.push(payload)
    const sink = {
      message: (_kind: string, piece: Buffer) => keep(piece),
      ping: keep,
      pong: keep,
      closing: () => {},
    }
    const large = Buffer.alloc(40_000)
    reader.add(Buffer.concat([frame(opcode.text, 'a'), frame(opcode.ping, 'b'), frame(opcode.binary, large)]))
    while (reader.next(sink) === 'frame');
    deepEqual(
      payloads.map(({ length, buffer }) => [
        length,
        buffer.byteLength <= Math.max(Buffer.poolSize, length * 2),
      ]),
      [
        [1, true],
        [1, true],
        [40_000, true],
      ],
    )
  })
})

// The reader of length-prefixed frames, as the command line and proxies meet them: cut anywhere, it reads the same.
import { deepEqual } from 'node:assert/strict'
import { createFrameReader, encodeFrame, heartbeatFrame } from '../../../src/frontends/rpushd/codec.ts'
import { damaged } from '../damage.ts'
import type { Target } from '../target.ts'

const samples = [
  Buffer.concat([heartbeatFrame, heartbeatFrame, encodeFrame(Buffer.from('{"a":1}')), heartbeatFrame]),
  Buffer.concat([encodeFrame(Buffer.alloc(300, 'x')), encodeFrame(Buffer.from('1'))]),
  Buffer.from([0xff, 0xff, 0, 0, 1]),
]

/** By the lengths alone. */
function reference(bytes: Buffer): Buffer[] {
  const payloads: Buffer[] = []
  for (let at = 0; at + 2 <= bytes.length; ) {
    const end = at + 2 + bytes.readUInt16BE(at)
    if (end > bytes.length) break
    payloads.push(bytes.subarray(at + 2, end))
    at = end
  }
  return payloads
}

const frames: Target = {
  name: 'frames',
  inputs: damaged(samples),
  check(bytes) {
    const expected = reference(bytes)
    for (const largest of [1, 5, 64, bytes.length + 1]) {
      const reader = createFrameReader()
      const read: Uint8Array[] = []
      // The input's own bytes say how it is cut.
      for (let at = 0, step = 1; at < bytes.length; at += step) {
        step = 1 + ((bytes[at] ?? 0) % largest)
        read.push(...reader.push(Buffer.from(bytes.subarray(at, at + step))))
      }
      deepEqual(
        read.map(payload => Buffer.from(payload)),
        expected,
      )
    }
  },
}

export const targets: readonly Target[] = [frames]

// Lines that leave the process, or do not, in one piece.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createOutput } from '../../../src/telemetry/output.ts'

/** Takes what each step says: so many bytes, or an error with that code. The last one is for ever. */
function receiver(...steps: readonly (number | string)[]) {
  const received: Uint8Array[] = []
  let pausedMs = 0
  let calls = 0
  const write = createOutput(
    bytes => {
      const step = steps[Math.min(calls++, steps.length - 1)] ?? 0
      if (typeof step === 'string') throw Object.assign(new Error(step), { code: step })
      const taken = bytes.subarray(0, step)
      received.push(taken)
      return taken.length
    },
    ms => {
      pausedMs += ms
    },
  )
  return {
    write,
    text: () => Buffer.concat(received).toString(),
    calls: () => calls,
    pausedMs: () => pausedMs,
  }
}

const all = 1_000

describe('output', () => {
  test('a line that is taken in parts goes out whole, beyond ASCII too', () => {
    const { write, text } = receiver(1, 2, 1, all)
    write('aé€😀\n')
    equal(text(), 'aé€😀\n')
  })

  test('a reader that is busy for a moment gets the line', () => {
    const { write, text, calls } = receiver('EAGAIN', 3, 'EAGAIN', 'EINTR', all)
    write('a line\n')
    deepEqual([text(), calls()], ['a line\n', 5])
  })

  test('a reader that stays busy costs the line after a second', () => {
    const { write, text, pausedMs } = receiver('EAGAIN')
    write('a line\n')
    deepEqual([text(), pausedMs()], ['', 1_000])
  })

  for (const code of ['ENOSPC', 'EPIPE', 'EIO', 'EBADF']) {
    test(`${code} costs a line and throws nothing; the next line is tried again`, () => {
      const { write, text } = receiver(code, all)
      write('lost\n')
      write('a line\n')
      equal(text(), 'a line\n')
    })
  }

  test('a line that was torn does not spoil the next one, however many are lost between them', () => {
    const { write, text } = receiver(2, 'ENOSPC', 'ENOSPC', all)
    write('torn\n')
    write('lost\n')
    write('a line\n')
    write('another\n')
    equal(text(), 'to\na line\nanother\n')
  })
})

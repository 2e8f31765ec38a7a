// What the library is given, and when, after each of its answers. How a socket takes bytes cannot be arranged from
// outside, so the response here answers by a script; the contract suite holds the same against the real one.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { HeldStream } from '../../../src/net/held-stream.ts'
import type { Response } from '../../../src/net/uws.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

/** Takes each write or says that it is behind, as the script goes; beyond its end all is taken. */
class Script {
  readonly written: Buffer[] = []
  readonly events: string[] = []
  readonly held: HeldStream
  readonly #answers: boolean[]
  #writable = (): boolean => true
  #aborted = (): void => {}

  constructor(answers: readonly boolean[] = []) {
    this.#answers = [...answers]
    const response = {
      cork: (run: () => void) => run(),
      write: (piece: Uint8Array) => {
        this.written.push(Buffer.from(piece))
        return this.#answers.shift() ?? true
      },
      end: () => this.events.push('end'),
      close: () => this.#aborted(),
      onWritable: (handler: () => boolean) => {
        this.#writable = handler
      },
      onAborted: (handler: () => void) => {
        this.#aborted = handler
      },
    }
    const consumer = {
      drained: () => void this.events.push('drained'),
      progressed: () => void this.events.push('progressed'),
      closed: () => void this.events.push('closed'),
    }
    // Of the library's response, all that a held stream calls.
    this.held = new HeldStream(new FakeClock(), response as unknown as Response, consumer, () => {})
  }

  /** The library says that the socket takes more. */
  writable(): void {
    this.#writable()
  }

  abort(): void {
    this.#aborted()
  }

  get sizes(): number[] {
    return this.written.map(({ length }) => length)
  }
}

const large = Buffer.alloc(40_000, 'large')

describe('a write', () => {
  test('of up to 16,000 bytes is given whole, one beyond in pieces of that', () => {
    for (const [size, pieces] of [
      [16_000, [16_000]],
      [16_001, [16_000, 1]],
      [40_000, [16_000, 16_000, 8_000]],
    ] as const) {
      const script = new Script()
      equal(script.held.write(Buffer.alloc(size)), true)
      deepEqual(script.sizes, pieces)
    }
  })

  test('is given no further than the socket takes it', () => {
    const script = new Script([true, false])
    equal(script.held.write(large), false)
    deepEqual(script.sizes, [16_000, 16_000])
    deepEqual(script.events, [])
  })

  test('goes on with little, until an answer says that nothing waits any more', () => {
    const script = new Script([true, false, false, true, false])
    script.held.write(large)
    script.writable()
    deepEqual([script.sizes.slice(2), script.events], [[4_096], ['progressed']])
    script.writable()
    deepEqual(script.sizes.slice(3), [3_904])
    deepEqual(script.events, ['progressed', 'drained'])
    deepEqual(Buffer.concat(script.written), large)
  })

  test('after one that the socket did not take begins with little, too', () => {
    const script = new Script([false, true, true, true])
    equal(script.held.write(Buffer.alloc(10)), false)
    script.writable()
    equal(script.held.write(Buffer.alloc(10_000)), true)
    equal(script.held.write(Buffer.alloc(10_000)), true)
    deepEqual(script.sizes, [10, 4_096, 5_904, 10_000])
  })

  test('is told to be drained only when the last of it was given and the socket takes more', () => {
    const script = new Script([false, true, true, false])
    script.held.write(Buffer.alloc(16_000 + 4_096 + 16_000 + 1))
    script.writable()
    deepEqual([script.events, script.sizes.at(-1)], [['progressed'], 1])
    script.writable()
    deepEqual(script.events, ['progressed', 'drained'])
  })

  test('that comes while another waits, whatever the discipline, does not overtake it', () => {
    const script = new Script([false])
    script.held.write(large)
    equal(script.held.write(Buffer.from('late')), false)
    script.writable()
    deepEqual(Buffer.concat(script.written), Buffer.concat([large, Buffer.from('late')]))
    deepEqual(script.events, ['drained'])
  })
})

describe('an end', () => {
  test('waits for the rest, takes nothing more, and is told once', () => {
    const script = new Script([false, false])
    script.held.write(large)
    script.held.end()
    script.held.end()
    deepEqual(
      [script.held.open, script.held.write(Buffer.from('late')), script.events],
      [false, true, ['closed']],
    )
    script.writable()
    deepEqual(script.events, ['closed'])
    script.writable()
    deepEqual(script.events, ['closed', 'end'])
    deepEqual(Buffer.concat(script.written), large)
  })

  test('comes at once when the library was given all', () => {
    const script = new Script([true, true, false])
    script.held.write(large)
    script.held.end()
    deepEqual(script.events, ['end', 'closed'])
  })

  test('whose client leaves first is not told again', () => {
    for (const leave of [(script: Script) => script.abort(), (script: Script) => script.held.close()]) {
      const script = new Script([false])
      script.held.write(large)
      script.held.end()
      leave(script)
      deepEqual(script.events, ['closed'])
    }
  })

  test('drops the rest when the client leaves', () => {
    const script = new Script([false])
    script.held.write(large)
    script.abort()
    deepEqual([script.events, script.held.open], [['closed'], false])
    equal(script.held.write(large), true)
    deepEqual(script.sizes, [16_000])
  })
})

test('whatever the sizes and the answers, every byte leaves once and in order, and each false is followed by drained', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1, maxLength: 8 }),
      fc.array(fc.boolean(), { maxLength: 40 }),
      (sizes, answers) => {
        const script = new Script(answers)
        const frames = sizes.map((size, index) => Buffer.alloc(size, index + 1))
        for (const frame of frames) {
          const drains = script.events.filter(event => event === 'drained').length
          if (script.held.write(frame)) continue
          for (let turns = 0; turns < 100 && !script.events.slice(-1).includes('drained'); turns++)
            script.writable()
          equal(script.events.filter(event => event === 'drained').length, drains + 1)
          script.events.push('next')
        }
        script.held.end()
        deepEqual(Buffer.concat(script.written), Buffer.concat(frames))
        deepEqual(script.events.slice(-2), ['end', 'closed'])
      },
    ),
    { numRuns: 200 },
  )
})

// What is published at any step of an origin's being asked again (contract §14, fault 27): it arrives once, or the client's
// request ends, so that it comes again from where it is. And nobody is asked without an end.
import { deepEqual, equal } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { describe, type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { AskedClient } from '../helpers/grip-asking.ts'

const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))
const numRuns = 2_000

type Kind = 'send' | 'hint' | 'other'

/** `publish`: the origin knows it from then on; `deliver`: what was published reaches the client's worker, so many in one turn. */
type Op =
  | { readonly op: 'publish'; readonly kinds: readonly Kind[] }
  | { readonly op: 'deliver'; readonly count: number }
  | { readonly op: 'answer' | 'attach' | 'pass' | 'lose' }

const kinds = fc.array(fc.constantFrom<Kind>('send', 'hint', 'other', 'other'), {
  minLength: 1,
  maxLength: 3,
})
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 4, arbitrary: kinds.map(kinds => ({ op: 'publish', kinds }) as const) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 4 }).map(count => ({ op: 'deliver', count }) as const) },
  { weight: 4, arbitrary: fc.constant({ op: 'answer' } as const) },
  { weight: 1, arbitrary: fc.constant({ op: 'attach' } as const) },
  { weight: 2, arbitrary: fc.constant({ op: 'pass' } as const) },
  { weight: 1, arbitrary: fc.constant({ op: 'lose' } as const) },
)
/** `start`: so many had been published, and the client had them, when it came. */
const scenes = fc.record({
  start: fc.integer({ min: 0, max: 2 }),
  attachesLate: fc.boolean(),
  ops: fc.array(op, { maxLength: 40 }),
})
type SceneOptions = typeof scenes extends fc.Arbitrary<infer Options> ? Options : never

/** Items by their numbers; the id of one is its number. */
class Scene {
  readonly client: AskedClient
  readonly hasIds: boolean
  readonly kinds: Kind[] = []
  /** So many have left for the client's worker, delivered or lost. */
  left = 0
  /** Numbers that were offered to a client who was there. */
  readonly offered: number[] = []
  readonly #format: 'http-response' | 'http-stream'

  constructor(
    hasIds: boolean,
    format: 'http-response' | 'http-stream',
    { start, attachesLate }: SceneOptions,
  ) {
    this.hasIds = hasIds
    this.#format = format
    this.client = new AskedClient()
    this.client.attachesLate = attachesLate
    for (let number = 1; number <= start; number++) this.kinds.push('other')
    this.deliver(start)
  }

  get last(): number {
    return this.kinds.length
  }

  run(ops: readonly Op[], answer: () => void): void {
    for (const each of ops) {
      if (each.op === 'publish') this.kinds.push(...each.kinds)
      else if (each.op === 'deliver') this.deliver(each.count)
      else if (each.op === 'answer') answer()
      else if (each.op === 'attach') this.client.attach()
      else if (each.op === 'pass') this.client.time.advance(150)
      else this.#lose()
    }
  }

  /** Everything arrives, and everything is answered. */
  settle(answer: () => void): void {
    this.client.attachesLate = false
    for (let round = 0; round < 10; round++) {
      this.client.attach()
      this.deliver(this.last)
      answer()
      this.client.time.advance(150)
    }
    const { calls } = this.client
    for (let round = 0; round < 10; round++) {
      answer()
      this.client.time.advance(150)
    }
    equal(this.client.calls, calls, 'the origin is asked without an end')
  }

  deliver(count: number): void {
    const from = this.left
    this.left = Math.min(this.last, from + count)
    const numbers = Array.from({ length: this.left - from }, (_, index) => from + index + 1)
    if (numbers.length === 0) return
    this.client.lastId = this.hasIds ? String(this.left) : undefined
    if (this.client.isLive && this.client.end === undefined) this.offered.push(...numbers)
    this.client.offer(numbers.map(number => this.#item(number)))
  }

  /** What is on its way is lost, as where the owner of a channel dies. */
  #lose(): void {
    if (this.left === this.last) return
    this.left = this.last
    this.client.lastId = this.hasIds ? String(this.left) : undefined
    this.client.gap()
  }

  #item(number: number): object {
    const ids = this.hasIds ? { id: String(number), 'prev-id': String(number - 1) } : {}
    const kind = this.kinds[number - 1]
    const other = this.#format === 'http-response' ? 'http-stream' : 'http-response'
    const text = `${number};`
    const sent = (format: string) => (format === 'http-stream' ? { content: text } : { body: text })
    const formats =
      kind === 'send'
        ? { [this.#format]: sent(this.#format) }
        : { [kind === 'hint' ? this.#format : other]: kind === 'hint' ? { action: 'hint' } : sent(other) }
    return { channel: 'c', ...ids, formats }
  }

  isSent = (number: number) => this.kinds[number - 1] === 'send'
}

/** Where the origin is told that the client is. */
function sinceOf(rawHeaders: readonly string[], { start }: SceneOptions): number {
  const at = rawHeaders.indexOf('Grip-Last')
  return at < 0 ? start : Number(/last-id=(\d+)/.exec(rawHeaders[at + 1] ?? '')?.[1])
}

const numbersIn = (text: string) => text.split(';').slice(0, -1).map(Number)

function check(t: TestContext, property: fc.IProperty<[SceneOptions]>): void {
  t.diagnostic(`seed ${seed}, ${numRuns} scenes`)
  fc.assert(property, { seed, numRuns })
}

describe('a long poll that is asked again', () => {
  test('has the first answer that came, without ids', t => {
    const property = fc.property(scenes, options => {
      const scene = new Scene(false, 'http-response', options)
      const answer = () =>
        scene.client.answer(() => ({
          rawHeaders: ['Grip-Hold', 'response', 'Grip-Channel', 'c', 'Grip-Timeout', '1000'],
          body: 'none;',
        }))
      scene.run(options.ops, answer)
      scene.settle(answer)
      const first = scene.offered.find(scene.isSent)
      deepEqual(numbersIn(scene.client.text), first === undefined ? [] : [first])
      equal(scene.client.end, first === undefined ? undefined : 'whole')
    })
    check(t, property)
  })

  test('misses nothing and has nothing twice, by ids', t => {
    const property = fc.property(scenes, options => {
      const scene = new Scene(true, 'http-response', options)
      const answer = () =>
        scene.client.answer(({ rawHeaders }) => {
          const since = sinceOf(rawHeaders, options)
          if (since < scene.last) {
            const news = scene.kinds.map((_, index) => index + 1).filter(number => number > since)
            return { rawHeaders: [], body: news.map(number => `${number};`).join('') }
          }
          return {
            rawHeaders: [
              'Grip-Hold',
              'response',
              'Grip-Channel',
              `c; prev-id=${scene.last}`,
              'Grip-Timeout',
              '1000',
            ],
            body: 'none;',
          }
        })
      scene.run(options.ops, answer)
      scene.settle(answer)
      const numbers = numbersIn(scene.client.text)
      const { end } = scene.client
      const all = scene.kinds.map((_, index) => index + 1).filter(scene.isSent)
      // It is answered by what it was there for, or by the origin with everything behind where it was; else there is nothing for it.
      if (end === undefined) deepEqual([numbers, all], [[], []])
      else if (end === 'whole')
        equal(
          all.find(number => number < (numbers[0] ?? 0)),
          undefined,
        )
    })
    check(t, property)
  })
})

describe('a stream that fetches pages', () => {
  const page = (number: number) => [
    'Grip-Hold',
    'stream',
    'Grip-Channel',
    `c; prev-id=${number}`,
    'Grip-Link',
    '</next>; rel=next; timeout=1000',
  ]

  test('has everything once and in order, by ids', t => {
    const property = fc.property(scenes, options => {
      const scene = new Scene(true, 'http-stream', options)
      const answer = () =>
        scene.client.answer(({ rawHeaders }) => {
          const since = sinceOf(rawHeaders, options)
          const news = scene.kinds
            .map((_, index) => index + 1)
            .filter(number => number > since && scene.isSent(number))
          return { rawHeaders: page(scene.last), body: news.map(number => `${number};`).join('') }
        })
      scene.run(options.ops, answer)
      scene.settle(answer)
      const all = scene.kinds.map((_, index) => index + 1).filter(scene.isSent)
      const { end, text } = scene.client
      const numbers = numbersIn(text)
      if (end === undefined) deepEqual(numbers, all)
      else deepEqual(numbers, all.slice(0, numbers.length))
    })
    check(t, property)
  })

  test('has what came once, without ids', t => {
    const property = fc.property(scenes, options => {
      const scene = new Scene(false, 'http-stream', options)
      const answer = () =>
        scene.client.answer(() => ({
          rawHeaders: [
            'Grip-Hold',
            'stream',
            'Grip-Channel',
            'c',
            'Grip-Link',
            '</next>; rel=next; timeout=1000',
          ],
          body: '',
        }))
      scene.run(options.ops, answer)
      scene.settle(answer)
      const came = scene.offered.filter(scene.isSent)
      const { end, text } = scene.client
      const numbers = numbersIn(text)
      if (end === undefined) deepEqual(numbers, came)
      else deepEqual(numbers, came.slice(0, numbers.length))
    })
    check(t, property)
  })
})

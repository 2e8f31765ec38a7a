// Deliveries at a rate (contract §6.10): what comes too early waits, rules take turns, and nothing is lost in silence.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Paced } from '../../../../src/frontends/grip/hold/paced.ts'
import { DeliveryRate, type RateLimits, rateOf } from '../../../../src/frontends/grip/hold/rate.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { batchOf, content, held } from './given-hold.ts'

const a = held('a')
const texts = (from: number, to: number) =>
  batchOf(...Array.from({ length: to - from }, (_, at) => content(`${from + at}`)))

class Given {
  readonly clock = new FakeClock()
  readonly rate: DeliveryRate
  readonly told: string[] = []

  constructor(limits: Partial<RateLimits> = {}) {
    this.rate = new DeliveryRate(this.clock, { rate: 20, waitingMax: 0, blockBytes: 0, ...limits })
  }

  /** What a client of the rule gets is told behind its name, and when it was. */
  client(name: string, route = '', isTaken: () => boolean = () => true): Paced {
    const tell = (what: string) => this.told.push(`${name} ${what} ${Math.round(this.clock.now() - start)}`)
    const start = this.clock.now()
    return new Paced(this.rate, {
      route,
      bytesFor: ({ stream }) => (stream?.action === 'send' ? stream.content.length : undefined),
      deliver(_, batch) {
        for (const each of batch.contents) tell(Buffer.from(each).toString())
        return isTaken()
      },
      caughtUp: () => tell('caught up'),
      overrun: () => tell('overrun'),
    })
  }
}

/** In small steps, as timers come. */
function pass(clock: FakeClock, ms: number): void {
  for (let at = 0; at < ms; at += 5) clock.advance(5)
}

describe('a rate', () => {
  test('row 191: 20 a second are 50 ms apart, and the engine is told to wait', () => {
    const given = new Given()
    equal(given.client('c').offer(a, texts(1, 6)), false)
    equal(given.rate.waiting, 4)
    pass(given.clock, 300)
    deepEqual(given.told, ['c 1 0', 'c 2 50', 'c 3 100', 'c 4 150', 'c 5 200', 'c caught up 200'])
    equal(given.rate.waiting, 0)
  })

  test('of what came slowly enough is not noticed, and idle time is not saved', () => {
    const given = new Given()
    const client = given.client('c')
    equal(client.offer(a, texts(1, 2)), true)
    given.clock.advance(10_000)
    equal(client.offer(a, texts(2, 3)), true)
    equal(client.offer(a, texts(3, 4)), false)
    pass(given.clock, 100)
    deepEqual(given.told.slice(2), ['c 3 10050', 'c caught up 10050'])
  })

  test('high as the shipped one makes many in a turn of 25 ms', () => {
    const given = new Given({ rate: 2_500 })
    given.client('c').offer(a, texts(0, 400))
    equal(given.told.length, 125)
    pass(given.clock, 130)
    equal(given.told.at(-1), 'c caught up 125')
  })

  test('serves the rules in turn, those without an id as one', () => {
    const given = new Given()
    given.client('x').offer(a, texts(1, 4))
    given.client('y').offer(a, texts(1, 3))
    given.client('z', 'named').offer(a, texts(1, 3))
    pass(given.clock, 500)
    deepEqual(
      given.told.filter(line => !line.includes('caught')).map(line => line.slice(0, 3)),
      ['x 1', 'x 2', 'z 1', 'y 1', 'z 2', 'x 3', 'y 2'],
    )
  })

  test('counts blocks, of which a large delivery is made whole', () => {
    const given = new Given({ blockBytes: 10 })
    const client = given.client('c')
    const large = content('x'.repeat(26))
    client.offer(a, batchOf(large, content('s'), content('t')))
    pass(given.clock, 400)
    deepEqual(
      given.told.map(line => line.slice(-6)),
      [`${'x'.repeat(4)} 0`, 'c s 150', 'c t 200', 'up 200'].map(line => line.slice(-6)),
    )
  })

  test('costs nothing where an item is for others', () => {
    const given = new Given()
    const others = batchOf({ ...content(''), stream: undefined }, { ...content(''), stream: undefined })
    equal(given.client('c').offer(a, others), true)
    equal(given.client('c').offer(a, texts(1, 2)), true)
  })

  test('row 192: beyond what may wait a client gets what it can without a hole, and is let go of', () => {
    const given = new Given({ waitingMax: 3 })
    equal(given.client('c').offer(a, texts(1, 9)), false)
    equal(given.rate.waiting, 3)
    equal(given.client('d').offer(a, texts(1, 2)), false)
    deepEqual(given.told, ['c 1 0', 'd overrun 0'])
    pass(given.clock, 400)
    deepEqual(given.told.slice(2), ['c 2 50', 'c 3 100', 'c 4 150', 'c overrun 150'])
    equal(given.rate.waiting, 0)
  })

  test('exactly as many as may wait do', () => {
    const given = new Given({ waitingMax: 3 })
    given.client('c').offer(a, texts(1, 5))
    pass(given.clock, 400)
    equal(given.told.at(-1), 'c caught up 150')
  })

  test('goes on for others while a client is behind, which keeps what waits for it', () => {
    const given = new Given()
    let isTaken = true
    const slow = given.client('slow', '', () => isTaken)
    slow.offer(a, texts(1, 4))
    isTaken = false
    pass(given.clock, 60)
    given.client('fast').offer(a, texts(1, 2))
    pass(given.clock, 1_000)
    deepEqual(given.told, ['slow 1 0', 'slow 2 50', 'fast 1 40', 'fast caught up 40'])
    equal(given.rate.waiting, 1)
    isTaken = true
    equal(slow.drained(), false)
    pass(given.clock, 60)
    deepEqual(
      given.told.slice(4).map(line => line.replace(/ \d+$/, '')),
      ['slow 3', 'slow caught up'],
    )
    equal(slow.drained(), true)
  })

  test('forgets who leaves, and what waited for it', () => {
    const given = new Given()
    const client = given.client('c')
    client.offer(a, texts(1, 9))
    client.leave()
    client.leave()
    equal(given.rate.waiting, 0)
    pass(given.clock, 400)
    deepEqual(given.told, ['c 1 0'])
    equal(given.client('d').offer(a, texts(1, 2)), true)
  })

  test('is shared by the workers, and none where none is set', () => {
    const clock = new FakeClock()
    equal(rateOf(clock, { messageRate: 0, messageHwm: 5, messageBlockBytes: 0 }, 2), undefined)
    const half = rateOf(clock, { messageRate: 40, messageHwm: 5, messageBlockBytes: 0 }, 2)
    equal(half?.wait({ route: '', isWaiting: false, turn: () => 1 }, 9), 3)
  })
})

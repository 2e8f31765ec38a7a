// Drafts on their way: what goes in a call, what waits and how much of it, and what a publisher is told of its fate.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Append, AppendOutcome, Carrier } from '../../../src/cluster/carrier.ts'
import { Lanes } from '../../../src/cluster/lanes.ts'
import { parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { channelName } from '../../helpers/mesh.ts'

/** What a draft takes beside its envelope. */
const besideBytes = 300

class Scene {
  readonly clock = new FakeClock()
  readonly calls: { readonly lane: number; readonly batch: readonly Append[] }[] = []
  readonly told: string[] = []
  readonly lanes: Lanes
  #answer: ((outcomes: readonly AppendOutcome[]) => void) | undefined

  constructor(publishBytesMax = 16_777_216) {
    const carrier = {
      lanes: 2,
      laneOf: (channel: string) => (channel.startsWith('b') ? 1 : 0),
      append: (
        lane: number,
        batch: readonly Append[],
        done: (outcomes: readonly AppendOutcome[]) => void,
      ) => {
        this.calls.push({ lane, batch })
        if (lane === 0) this.#answer = done
      },
    } as unknown as Carrier // lanes use no more of it
    this.lanes = new Lanes({ clock: this.clock, carrier, publishBytesMax })
    for (const lane of [0, 1]) this.lanes.up(lane)
  }

  publish(text: string, { channel = 'a', bytes = 1 } = {}): void {
    const append: Append = {
      channel: channelName(channel),
      envelope: new Uint8Array(bytes),
      historySize: 0,
      historyTtlMs: 0,
      key: undefined,
      keyTtlMs: 0,
      reached: 0,
      sequence: undefined,
    }
    this.lanes.publish(append, outcome => {
      this.told.push(`${text} ${typeof outcome === 'string' ? outcome : JSON.stringify(outcome)}`)
    })
  }

  many(count: number, bytes = 1): void {
    for (let n = 0; n < count; n++) this.publish(`${n}`, { bytes })
  }

  get sizes(): readonly number[] {
    return this.calls.map(({ batch }) => batch.length)
  }

  answer(outcome?: AppendOutcome): void {
    const done = this.#answer
    const place = { epoch: parseEpoch('e'), offset: parseOffset(1), duplicate: false, elsewhere: 0 }
    const { batch } = this.calls.at(-1) as { readonly batch: readonly Append[] } // something was called
    this.#answer = undefined
    done?.(batch.map(() => outcome ?? place))
  }
}

describe('a call', () => {
  test('takes what one turn brought, and what comes while it is under way goes in the next', () => {
    const scene = new Scene()
    scene.many(3)
    deepEqual(scene.sizes, [])
    scene.clock.turn()
    scene.many(5)
    scene.clock.turn()
    deepEqual(scene.sizes, [3])
    scene.answer()
    deepEqual(scene.sizes, [3, 5])
  })

  for (const [count, sizes] of [
    [64, [64]],
    [65, [64, 1]],
  ] as const) {
    test(`takes 64 of ${count}`, () => {
      const scene = new Scene()
      scene.many(count)
      scene.clock.turn()
      while (scene.lanes.bytes > 0) scene.answer()
      deepEqual(scene.sizes, sizes)
    })
  }

  for (const [over, sizes] of [
    [0, [4, 1]],
    [1, [3, 2]],
  ] as const) {
    test(`takes 256 KiB, and with ${over} bytes more than that the last one waits`, () => {
      const scene = new Scene()
      scene.many(5, 262_144 / 4 - besideBytes + over)
      scene.clock.turn()
      scene.answer()
      deepEqual(scene.sizes, sizes)
    })
  }

  test('takes a single one that is larger', () => {
    const scene = new Scene()
    scene.many(2, 1_000_000)
    scene.clock.turn()
    deepEqual(scene.sizes, [1])
  })

  test('is of one lane, and lanes do not wait for each other', () => {
    const scene = new Scene()
    scene.publish('x', { channel: 'a' })
    scene.publish('y', { channel: 'b' })
    scene.clock.turn()
    deepEqual(
      scene.calls.map(({ lane, batch }) => [lane, batch[0]?.channel]),
      [
        [0, 'a'],
        [1, 'b'],
      ],
    )
  })
})

describe('what waits or is under way', () => {
  test('is bounded in bytes of all lanes, and has room again when it was answered', () => {
    const scene = new Scene(2 * (100 + besideBytes))
    scene.publish('x', { bytes: 100 })
    scene.publish('y', { channel: 'b', bytes: 100 })
    scene.publish('z', { bytes: 1 })
    deepEqual(scene.told, ['z overloaded'])
    scene.clock.turn()
    equal(scene.lanes.bytes, 2 * (100 + besideBytes))
    scene.calls.reverse()
    scene.answer()
    scene.publish('again', { bytes: 100 })
    equal(scene.told.filter(line => line.endsWith('overloaded')).length, 1)
    equal(scene.lanes.counters['refused.overloaded'], 1)
  })
})

test('each call is counted by the time that it took', () => {
  const scene = new Scene()
  for (const ms of [0, 3, 3, 70_000]) {
    scene.publish('x', {})
    scene.clock.turn()
    scene.clock.advance(ms)
    scene.answer()
  }
  const told = scene.lanes.statistics()
  const names = [
    'appendCalls',
    'appendMs',
    'appendMs.le.0.5',
    'appendMs.le.5',
    'appendMs.le.Inf',
    'appendMs.le.sum',
  ]
  deepEqual(
    names.map(name => told[name]),
    [4, 70_006, 1, 2, 1, 70_006],
  )
})

describe('a publisher is told', () => {
  const fates = {
    away: 'broker-away',
    unknown: 'owner-lost',
    overloaded: 'overloaded',
    seen: 'seen',
  } as const
  for (const [outcome, says] of Object.entries(fates)) {
    test(`${says} where the carrier says ${outcome}`, () => {
      const scene = new Scene()
      scene.publish('x')
      scene.clock.turn()
      scene.answer(outcome as keyof typeof fates) // it is one of them
      deepEqual(scene.told, [`x ${says}`])
    })
  }

  test('that the broker is away where the lane is down, and of what was not handed over as it goes down', () => {
    const scene = new Scene()
    scene.publish('under way')
    scene.clock.turn()
    scene.publish('waits')
    scene.lanes.down(0)
    deepEqual(scene.told, ['waits broker-away'])
    scene.publish('later')
    deepEqual(scene.told, ['waits broker-away', 'later broker-away'])
    scene.answer('unknown')
    deepEqual(scene.told.at(-1), 'under way owner-lost')
    equal(scene.lanes.bytes, 0)
    scene.lanes.up(0)
    scene.publish('back')
    scene.clock.turn()
    deepEqual(scene.sizes, [1, 1])
  })
})

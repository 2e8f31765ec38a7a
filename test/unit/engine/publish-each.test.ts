// What is published to a group is appended once to each of its channels that somebody reads, in the order of its sender.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { EachOutcome } from '../../../src/engine/broadcasts.ts'
import { homeKeyOf, privateChannel, privatePattern } from '../../../src/engine/words/private.ts'
import type { Refusal } from '../../../src/engine/words/refusal.ts'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { Mesh, type MeshOptions } from '../../helpers/mesh.ts'

const group = 'test/data'

/** A channel is at home with the worker of its key's digit. */
function meshOf(options: MeshOptions = {}): Mesh {
  return new Mesh({
    history: { size: 100 },
    ownerOf: channel => Number(/\d*$/.exec(homeKeyOf(channel))?.[0] ?? 0) % 3,
    groups: [{ group }, { group: 'test' }],
    namespaces: [{ pattern: privatePattern('closed'), publish: [] }],
    ...options,
  })
}

function watch(mesh: Mesh, slot: number, key: string, of = group): FakeSubscriber {
  return mesh.subscribeTo(slot, privateChannel(of, key), new FakeSubscriber({ tells: true }))
}

function each(
  mesh: Mesh,
  slot: number,
  text: string,
  except?: string,
  of = group,
): (EachOutcome | Refusal)[] {
  const outcomes: (EachOutcome | Refusal)[] = []
  const content = { kind: 'text', payload: Buffer.from(text) } as const
  mesh.engines[slot]?.publishEach({ group: of, content, via: 'test', except }, outcome =>
    outcomes.push(outcome),
  )
  return outcomes
}

describe('what is published to a group', () => {
  test('is appended once to each of its channels that has a subscriber, wherever both are', () => {
    const mesh = meshOf()
    const readers = ['k0', 'k1', 'k2', 'l0'].map((key, n) => watch(mesh, (n + 1) % 3, key))
    readers.push(watch(mesh, 2, 'k0'))
    const others = [watch(mesh, 0, 'k0', 'test'), mesh.subscribe(0, 'x0')]
    mesh.publishTo(0, privateChannel(group, 'm0'), 'of nobody who is here')
    mesh.settle()
    const outcomes = each(mesh, 1, 'all')
    mesh.settle()
    deepEqual(outcomes, [{ channels: 4, workersMissed: 0 }])
    for (const { received } of readers) deepEqual(received, ['all'])
    for (const { received } of others) deepEqual(received, [])
    const away = mesh.subscribeTo(0, privateChannel(group, 'm0'), new FakeSubscriber({ rest: true }), '0')
    mesh.settle()
    deepEqual(away.received, ['of nobody who is here'])
  })

  test('passes by the channel that it is not for', () => {
    const mesh = meshOf()
    const readers = ['k0', 'k1'].map(key => watch(mesh, 2, key))
    mesh.settle()
    const outcomes = each(mesh, 2, 'others', 'k1')
    mesh.settle()
    deepEqual(
      [outcomes, readers.map(({ received }) => received)],
      [[{ channels: 1, workersMissed: 0 }], [['others'], []]],
    )
  })

  test('stands among what its sender publishes to one of them', () => {
    const mesh = meshOf()
    const readers = ['k0', 'k1'].map(key => watch(mesh, 2, key))
    mesh.settle()
    for (let n = 0; n < 3; n++) {
      for (const key of ['k0', 'k1']) mesh.publishTo(1, privateChannel(group, key), `own ${n}`)
      each(mesh, 1, `all ${n}`)
    }
    mesh.settle()
    for (const { received } of readers)
      deepEqual(received, ['own 0', 'all 0', 'own 1', 'all 1', 'own 2', 'all 2'])
  })

  test('keeps that place though the channels are so many that they take turns', () => {
    const mesh = meshOf({ ownerOf: () => 0 })
    const readers = Array.from({ length: 450 }, (_, n) => watch(mesh, n % 3, `k${n}`))
    mesh.settle()
    const outcomes = each(mesh, 1, 'all')
    mesh.publishTo(1, privateChannel(group, 'k449'), 'own')
    outcomes.push(...each(mesh, 1, 'all again'))
    mesh.settle()
    deepEqual(outcomes, [{ channels: 450, workersMissed: 0 }])
    for (const [n, { received }] of readers.entries())
      deepEqual(received, n === 449 ? ['all', 'own', 'all again'] : ['all', 'all again'])
  })

  test('is not for a channel whose last subscriber has left', () => {
    const mesh = meshOf()
    const { subscription } = watch(mesh, 0, 'k0')
    mesh.settle()
    mesh.engines[0]?.unsubscribe(subscription!) // set by subscribe
    mesh.settle()
    const outcomes = each(mesh, 0, 'y')
    mesh.settle()
    deepEqual(outcomes, [{ channels: 0, workersMissed: 0 }])
  })

  test('is kept once in memory, however many histories hold it', () => {
    const mesh = meshOf({ workers: 1, ownerOf: () => 0 })
    for (let n = 0; n < 5; n++) watch(mesh, 0, `k${n}`)
    mesh.settle()
    each(mesh, 0, 'x'.repeat(200))
    const kept = new Set<Uint8Array>()
    for (let n = 0; n < 5; n++) {
      mesh.engines[0]?.inspect(privateChannel(group, `k${n}`), { limit: 1 }, outcome => {
        if (typeof outcome === 'object')
          for (const { content } of outcome.publications) kept.add(content.payload)
      })
    }
    equal(kept.size, 1)
  })
})

describe('who publishes to a group is told', () => {
  test('of a worker whose link is full, and of one that died before it answered', () => {
    const mesh = meshOf({ settings: { linkBytesMax: 100 } })
    const readers = ['k0', 'k1'].map(key => watch(mesh, Number(key.at(-1)), key))
    mesh.settle()
    mesh.publishTo(0, privateChannel(group, 'k1'), 'fills the link'.repeat(9))
    const outcomes = each(mesh, 0, 'all')
    mesh.kill(2, { farewell: false })
    mesh.settle()
    deepEqual(outcomes, [{ channels: 1, workersMissed: 2 }])
    deepEqual(readers[0]?.received, ['all'])
  })

  test('of a worker that is not there, until there is another one', () => {
    const mesh = meshOf()
    watch(mesh, 0, 'k0')
    mesh.settle()
    mesh.kill(2)
    const outcomes = each(mesh, 0, 'a')
    mesh.settle()
    mesh.start(2)
    mesh.settle()
    outcomes.push(...each(mesh, 0, 'b'))
    mesh.settle()
    const last = each(mesh, 0, 'c')
    mesh.settle()
    deepEqual(
      [outcomes[0], last[0]],
      [
        { channels: 1, workersMissed: 1 },
        { channels: 1, workersMissed: 0 },
      ],
    )
  })

  test('of a worker that retires half way, by its last words', () => {
    const mesh = meshOf({ ownerOf: () => 2 })
    for (let n = 0; n < 450; n++) watch(mesh, 0, `k${n}`)
    mesh.settle()
    const outcomes = each(mesh, 0, 'all')
    mesh.turn()
    mesh.deliver(0, 2)
    mesh.kill(2)
    mesh.settle()
    deepEqual(outcomes, [{ channels: 200, workersMissed: 1 }])
  })

  test('that a node that stops takes none, and that its group is not open to it', () => {
    const mesh = meshOf()
    watch(mesh, 0, 'k0', 'closed')
    mesh.settle()
    const outcomes = each(mesh, 0, 'x', undefined, 'closed')
    mesh.settle()
    mesh.engines[0]?.seal()
    outcomes.push(...each(mesh, 0, 'x'))
    deepEqual(outcomes, [{ channels: 0, workersMissed: 0 }, 'draining'])
  })
})

// A channel whose one reader has done with something keeps it no longer; no cursor moves (law 2).
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseOffset } from '../../../src/engine/words/position.ts'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { channelName, Mesh } from '../../helpers/mesh.ts'
import { publishAll, publishedOf, texts } from '../../helpers/published.ts'

function kept(mesh: Mesh): string[] {
  const [channel] = mesh.engines[0]?.snapshot() ?? []
  return (channel?.[4] ?? []).map(([, [, , payload]]) => Buffer.from(payload).toString())
}

function trim(mesh: Mesh, slot: number, position: string | undefined, more = 0): void {
  const offset = Number(position?.split('.')[1]) + more
  mesh.engines[slot]?.trim(channelName('c0'), parseOffset(offset))
}

describe('trim', () => {
  for (const [slot, where] of [
    [0, 'at the owner'],
    [1, 'over a link'],
  ] as const) {
    test(`drops history up to there, and no cursor moves, ${where}`, () => {
      const mesh = new Mesh({ history: { size: 10 } })
      const live = mesh.subscribe(2, 'c0')
      mesh.settle()
      const positions = publishAll(mesh, 0, 'c0', texts(6))
      trim(mesh, slot, positions[3])
      mesh.settle()
      deepEqual(kept(mesh), ['4', '5'])
      const back = mesh.subscribe(slot, 'c0', new FakeSubscriber(), positions[3])
      const late = mesh.subscribe(slot, 'c0', new FakeSubscriber({ rest: true }), positions[1])
      mesh.settle()
      publishAll(mesh, 0, 'c0', ['6'])
      deepEqual([back.resumedWithGap, back.received], [false, ['4', '5', '6']])
      deepEqual([late.resumedWithGap, late.received], [true, ['4', '5', '6']])
      deepEqual([live.received, live.gaps], [texts(7), []])
    })

    test(`of everything leaves nothing behind, and the head is still covered, ${where}`, () => {
      const mesh = new Mesh({ history: { size: 10 } })
      const positions = publishAll(mesh, 0, 'c0', texts(3))
      trim(mesh, slot, positions[2])
      mesh.settle()
      equal(mesh.engines[0]?.statistics().shard['historyBytes'], 0)
      const back = mesh.subscribe(slot, 'c0', new FakeSubscriber(), positions[2])
      mesh.settle()
      deepEqual([back.resumedWithGap, publishedOf(mesh.publish(0, 'c0', 'x')).subscribers], [false, 1])
    })
  }

  test('for an offset that was never given, or that is gone, or of a channel that nobody knows, is nothing', () => {
    const mesh = new Mesh({ history: { size: 3 } })
    const positions = publishAll(mesh, 0, 'c0', texts(5))
    trim(mesh, 1, positions[4], 1)
    trim(mesh, 2, positions[0])
    mesh.engines[1]?.trim(channelName('d0'), parseOffset(5))
    mesh.settle()
    deepEqual(kept(mesh), ['2', '3', '4'])
  })

  test('goes to the owner once a turn: the highest of a channel', () => {
    const mesh = new Mesh({ history: { size: 10 } })
    const positions = publishAll(mesh, 0, 'c0', texts(5))
    for (const n of [1, 3, 2]) trim(mesh, 1, positions[n])
    mesh.clock.turn()
    const sent: unknown[] = []
    const link = mesh.link(1, 0)
    const { sendReserved } = link
    link.sendReserved = message => {
      sent.push(message[0])
      sendReserved.call(link, message)
    }
    mesh.settle()
    deepEqual([sent, kept(mesh)], [['trim'], ['4']])
  })
})

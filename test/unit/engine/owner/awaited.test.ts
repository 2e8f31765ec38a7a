// Law 9: a bound that is meant for names that nobody uses does not hold for channels whose subscribers were sent away, by
// a restart or with a worker, and come back.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { EngineSettings } from '../../../../src/engine/settings.ts'
import { Mesh } from '../../../helpers/mesh.ts'
import { publishedOf } from '../../../helpers/published.ts'

function shard(mesh: Mesh, name: string): number | undefined {
  return mesh.engines[0]?.statistics().shard[name]
}

describe('law 9, channels whose clients are awaited', () => {
  const names = ['a0', 'b0', 'c0', 'd0', 'e0']
  const settings = { idleChannelsMax: 1, awaitedMs: 60_000 }

  const epochsOf = (mesh: Mesh) => names.map(name => publishedOf(mesh.publish(0, name, 'x')).epoch)

  /** Names that nobody uses twice. */
  function pass(mesh: Mesh, count: number): void {
    for (let n = 0; n < count; n++) mesh.publish(0, `passing-${++passed}-0`, 'x')
    mesh.settle()
  }
  let passed = 0

  /** The next run of a node, and no epoch of it is one of the last run. */
  function next(last: Mesh, own: Partial<EngineSettings> = {}): Mesh {
    const mesh = new Mesh({ workers: 1, settings: { ...settings, ...own } })
    pass(mesh, 50)
    mesh.kill(0)
    mesh.start(0, last.engines[0]?.snapshot())
    return mesh
  }

  /** A worker that was started with these channels, of which it has heard nothing since. */
  function restarted(own?: Partial<EngineSettings>): { mesh: Mesh; before: readonly string[] } {
    const last = new Mesh({ workers: 1 })
    const before = epochsOf(last)
    return { mesh: next(last, own), before }
  }

  test('what a snapshot brought keeps its numbering while clients come back, whatever else is used', () => {
    const { mesh, before } = restarted()
    equal(shard(mesh, 'channelsAwaited'), 5)
    pass(mesh, 10)
    mesh.clock.advance(59_999)
    pass(mesh, 10)
    deepEqual(epochsOf(mesh), before)
    mesh.clock.advance(5_001)
    deepEqual([shard(mesh, 'channelsAwaited'), shard(mesh, 'channels')], [0, 1])
    pass(mesh, 1)
    ok(epochsOf(mesh).every((epoch, index) => epoch !== before[index]))
  })

  test('a channel whose client came back, and left, is idle like any other', () => {
    const { mesh, before } = restarted()
    const visitors = names.map(name => mesh.subscribe(0, name))
    mesh.settle()
    equal(shard(mesh, 'channelsAwaited'), 0)
    for (const { subscription } of visitors) mesh.engines[0]?.unsubscribe(subscription!) // set by subscribe
    equal(shard(mesh, 'channels'), 1)
    ok(epochsOf(mesh).every((epoch, index) => epoch !== before[index]))
  })

  test('as many as the bound are awaited; beyond it the longest awaited is idle', () => {
    for (const [awaitedChannelsMax, kept] of [
      [5, 5],
      [4, 4],
      [0, 0],
    ] as const) {
      const { mesh, before } = restarted({ awaitedChannelsMax })
      equal(shard(mesh, 'channelsAwaited'), kept)
      pass(mesh, 1)
      const same = epochsOf(mesh).map((epoch, index) => epoch === before[index])
      deepEqual(same, [...Array(5 - kept).fill(false), ...Array(kept).fill(true)])
    }
  })

  test('a worker that is lost leaves no channel idle, with a farewell and without', () => {
    for (const farewell of [true, false]) {
      const mesh = new Mesh({ settings })
      for (const name of names) mesh.subscribe(1, name)
      mesh.settle()
      const before = epochsOf(mesh)
      mesh.kill(1, { farewell })
      equal(shard(mesh, 'channelsAwaited'), 5)
      pass(mesh, 10)
      deepEqual(epochsOf(mesh), before)
      // Those who come back by another worker.
      for (const name of names) mesh.subscribe(2, name)
      mesh.settle()
      equal(shard(mesh, 'channelsAwaited'), 0)
      deepEqual(epochsOf(mesh), before)
    }
  })

  test('a channel that another worker has as well is not awaited', () => {
    const mesh = new Mesh({ settings })
    for (const slot of [1, 2]) mesh.subscribe(slot, 'a0')
    mesh.settle()
    mesh.kill(1)
    deepEqual([shard(mesh, 'channelsAwaited'), shard(mesh, 'channels')], [0, 1])
  })

  test('what stays awaited when the node stops again is awaited anew', () => {
    const { mesh, before } = restarted()
    mesh.clock.advance(50_000)
    const again = next(mesh)
    again.clock.advance(50_000)
    pass(again, 10)
    deepEqual(epochsOf(again), before)
  })
})

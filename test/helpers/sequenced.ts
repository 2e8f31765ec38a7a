// Drafts that say their order, in the short form of the contract's table, on a mesh whose owner of `c0` is worker 0.
import type { PublishOutcome } from '../../src/engine/router.ts'
import type { Sequence } from '../../src/engine/words/sequence.ts'
import type { FakeSubscriber } from './fake-subscriber.ts'
import { Mesh, type MeshOptions } from './mesh.ts'

/** `2(1)` is id 2 after id 1, `(1)` has none; `~` in front: loose. */
export function sequenceOf(text: string): Sequence {
  const [, loose, id = '', after] = /^(~?)([^(]*)(?:\((.*)\))?$/.exec(text) ?? []
  return {
    ...(id !== '' && { id: id === "''" ? '' : id }),
    ...(after !== undefined && { after }),
    ...(loose === '~' && { isLoose: true }),
  }
}

export function told(outcomes: readonly PublishOutcome[]): string {
  const [outcome] = outcomes
  if (typeof outcome !== 'object') return outcome ?? 'nothing'
  return 'fate' in outcome ? outcome.fate : 'published'
}

/** Publishes each by worker 1 for the owner, worker 0, and says what its publisher was told. */
export function publish(mesh: Mesh, ...items: readonly string[]): string[] {
  return items.map(item => {
    const outcomes = mesh.publish(1, 'c0', item, { sequence: sequenceOf(item) })
    mesh.settle()
    return told(outcomes)
  })
}

export function scene(options: MeshOptions = {}): {
  readonly mesh: Mesh
  readonly subscriber: FakeSubscriber
} {
  const mesh = new Mesh(options)
  const subscriber = mesh.subscribe(2, 'c0')
  mesh.settle()
  return { mesh, subscriber }
}

export function advance(mesh: Mesh, ms: number): void {
  mesh.clock.advance(ms)
  mesh.settle()
}

export function statistics(mesh: Mesh): Record<string, number> {
  return mesh.engines[0]?.statistics().shard ?? {}
}

/** What a subscriber of the channel would be told as it comes. */
export function lastId(mesh: Mesh, slot = 1): string | undefined {
  const probe = mesh.subscribe(slot, 'c0')
  mesh.settle()
  mesh.engines[slot]?.leave(probe)
  mesh.settle()
  return probe.lastId
}

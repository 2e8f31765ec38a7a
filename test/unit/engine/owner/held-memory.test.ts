// Law 9: what is kept holds no more than itself, and what is counted for it is what it takes. A text that was cut out of
// a longer one would hold all of it, and a small view all of its buffer.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { HistorySettings } from '../../../../src/engine/settings.ts'
import { type ChannelName, parseChannelName } from '../../../../src/engine/words/publication.ts'
import { FakeSubscriber } from '../../../helpers/fake-subscriber.ts'
import { collect, growthOf, usualGrowthOf } from '../../../helpers/heap.ts'
import { channelName, Mesh } from '../../../helpers/mesh.ts'

const megabyte = 1_048_576

/** One batch on the link to the owner, which carries what `act` sends and 7 KB of other texts. */
function amongOthers(mesh: Mesh, act: () => void): void {
  act()
  for (let n = 0; n < 60; n++)
    mesh.publish(1, 'old-channel-0', '', { meta: { id: `${n}`.padStart(120, '-') } })
  mesh.settle()
}

describe('law 9, what a name holds', () => {
  test('a name that stood in a large body does not hold the body', () => {
    const names: (ChannelName | undefined)[] = []
    const grown = growthOf(() => {
      for (let n = 0; n < 200; n++) {
        const body = `{"channel":"a-channel-name-${n}","message":"${'x'.repeat(100_000)}"}`
        names.push(parseChannelName(body.slice(12, body.indexOf('"', 12))))
      }
    })
    ok(names[199] === 'a-channel-name-199' && grown < megabyte, `200 names hold ${grown} bytes`)
  })

  const count = 500
  const acts: Readonly<Record<string, (mesh: Mesh, text: string) => void>> = {
    'a name': (mesh, text) => void mesh.publish(1, `${text}-0`, ''),
    'an idempotency key': (mesh, text) => void mesh.publish(1, 'one-0', '', { idempotencyKey: text }),
    'an id and an event': (mesh, text) =>
      void mesh.publish(1, 'one-0', '', { meta: { id: text, event: `e${text}` } }),
    'a pattern': (mesh, text) => {
      mesh.engines[1]?.subscribePattern(channelName(`${text}-*`), new FakeSubscriber(), { via: 'test' })
    },
  }
  for (const [what, act] of Object.entries(acts)) {
    test(`${what} that came over a link does not hold the batch`, () => {
      const mesh = new Mesh({ workers: 2, history: { size: count } })
      amongOthers(mesh, () => act(mesh, 'warm-up-warm-up'))
      const grown = growthOf(() => {
        for (let n = 0; n < count; n++) amongOthers(mesh, () => act(mesh, `${n}`.padStart(20, '-')))
      })
      ok(grown < count * 5_000, `${count} hold ${grown} bytes`)
    })
  }
})

describe('law 9, what history holds', () => {
  const roomy = { size: 10, bytesMax: 1e9, workerBytesMax: 1e9 }

  /** Its payload is no view, so that this very one is kept. */
  function publishWeakly(mesh: Mesh): WeakRef<Uint8Array> {
    const payload = new Uint8Array(300)
    mesh.publish(0, 'c', '', { content: { kind: 'bytes', payload } })
    mesh.settle()
    return new WeakRef(payload)
  }

  test('a publication that was dropped is free, whatever dropped it', async () => {
    const bounds = {
      size: { ...roomy, size: 3 },
      bytes: { ...roomy, bytesMax: 3_500 },
      'bytes of the worker': { ...roomy, workerBytesMax: 3_500 },
      age: { ...roomy, ttlMs: 5_000 },
    }
    for (const [bound, history] of Object.entries(bounds)) {
      const mesh = new Mesh({ workers: 1, history })
      const payloads = [0, 1, 2, 3, 4].map(n => {
        if (bound === 'age') mesh.clock.advance(n * 1_000)
        return publishWeakly(mesh)
      })
      const [{ 4: kept } = {}] = mesh.engines[0]?.snapshot() ?? []
      // A reference that was made in a turn holds until the turn is over.
      await new Promise(setImmediate)
      collect()
      const held = payloads.filter(reference => reference.deref() !== undefined)
      deepEqual([held.length, kept?.length], [kept?.length, held.length], bound)
      ok(held.length < 5, `${bound}: ${held.length} are held`)
    }
  })

  test('a channel whose history is empty takes no more than one that keeps none', () => {
    // None may go while the next one is measured.
    const meshes: Mesh[] = []
    const takes = (history: Partial<HistorySettings>) => {
      const mesh = new Mesh({ workers: 1, history: { ...roomy, ...history } })
      meshes.push(mesh)
      return growthOf(() => {
        for (let n = 0; n < 4_000; n++) mesh.publish(0, `a-channel-${n}`, '')
        mesh.clock.advance(10_000)
      })
    }
    takes({})
    const none = takes({ size: 0 })
    for (const history of [{ workerBytesMax: 0 }, { bytesMax: 0 }, { ttlMs: 1 }]) {
      const grown = takes(history)
      ok(grown < none + 4_000 * 40, `${JSON.stringify(history)}: ${grown}, with none ${none}`)
    }
    equal(meshes.length, 5)
  })

  for (const [size, channels] of [
    [0, 1],
    [100, 1],
    [1_000, 1],
    [0, 4_000],
    [100, 4_000],
    [1_000, 4_000],
  ] as const) {
    test(`what is counted is what ${size} bytes in each of 4,000 publications and ${channels} channels take`, () => {
      const mesh = new Mesh({ workers: 1, history: { ...roomy, size: 4_000 } })
      const counted = () => mesh.engines[0]?.statistics().shard['historyBytes'] ?? 0
      const publish = () => {
        for (let n = 0; n < 4_000; n++) mesh.publish(0, `a-channel-${n % channels}`, 'x'.repeat(size))
      }
      const forget = () => mesh.clock.advance(600_000)
      publish()
      const grown = usualGrowthOf(publish, forget)
      // What the allocator adds outside of the heap is counted and not seen here.
      ok(grown < counted() && counted() < 2 * grown, `counted ${counted()}, taken ${grown}`)
    })
  }
})

describe('law 13, what idempotency keys hold', () => {
  for (const [length, channels] of [
    [10, 1],
    [36, 1],
    [255, 1],
    [10, 4_000],
    [255, 4_000],
  ] as const) {
    test(`what is counted is what 4,000 of ${length} characters in ${channels} channels take`, () => {
      const mesh = new Mesh({ workers: 1, settings: { idempotencyKeysMax: 10_000, idempotencyMs: 60_000 } })
      const publish = () => {
        for (let n = 0; n < 4_000; n++)
          mesh.publish(0, `a-channel-${n % channels}`, '', { idempotencyKey: `${n}`.padStart(length, 'k') })
      }
      publish()
      const grown = usualGrowthOf(publish, () => mesh.clock.advance(120_000))
      const counted = mesh.engines[0]?.statistics().shard['keysBytes'] ?? 0
      ok(0.9 * grown < counted && counted < 2 * grown, `counted ${counted}, taken ${grown}`)
    })
  }
})

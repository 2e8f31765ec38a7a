// Law 9: what is kept holds no more than itself. A text that was cut out of a longer one would hold all of it, and a
// small view all of its buffer.
import { ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ChannelName, parseChannelName } from '../../../src/engine/publication.ts'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { growthOf } from '../../helpers/heap.ts'
import { channelName, Mesh } from '../../helpers/mesh.ts'

const megabyte = 1_048_576

/** One batch on the link to the owner, which carries what `act` sends and 7 KB of other texts. */
function amongOthers(mesh: Mesh, act: () => void): void {
  act()
  for (let n = 0; n < 60; n++)
    mesh.publish(1, 'old-channel-0', '', { extras: { id: `${n}`.padStart(120, '-') } })
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
      void mesh.publish(1, 'one-0', '', { extras: { id: text, event: `e${text}` } }),
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

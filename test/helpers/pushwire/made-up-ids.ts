// Ids that somebody makes up where nobody is asked who he is: each is there for a moment, and leaves a private channel behind.
import { deepEqual, equal, ok } from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { Scene } from './scene.ts'
import { clientIdOf } from './wire-client.ts'

const kept = 1_000

/** The history of a shared channel, and that of a client which is away for a moment, survive them. */
export function makeUpIds(t: TestContext, ids: number): void {
  const scene = new Scene({
    ring: 4,
    settings: { idlePrivateChannelsMax: kept, idleChannelsMax: 2 },
  })
  const first = scene.connect({ names: ['chat'] })
  scene.publish('chat', [1, 2, 3])
  first.session?.leave()
  scene.settle()
  const cursors = first.cursors('chat')
  const heap = () => {
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }
  let before = 0
  for (let number = 0; number < ids; number++) {
    if (number === kept * 2) before = heap()
    const stranger = scene.open({ clientId: clientIdOf(number), names: ['data', 'news'] })
    stranger.session?.leave()
    if (number % 100 === 0) scene.settle()
    if (number === ids - kept / 4) {
      scene.connect({ names: ['data'] }).session?.leave()
      scene.publish('data', ['a', 'b'])
    }
  }
  scene.settle()
  const grown = heap() - before
  t.diagnostic(`${ids} ids: the heap grew by ${(grown / 1e6).toFixed(1)} MB`)
  const { channels = 0 } = scene.engine().statistics().shard
  ok(channels <= kept + 3, `${channels} channels are remembered`)
  deepEqual([scene.counters.sessions, scene.subscribers()], [0, 0])
  const back = scene.connect({
    names: ['chat', 'data'],
    places: new Map([['chat', { cursor: cursors[0] ?? 0, epoch: undefined }]]),
  })
  deepEqual([back.payloads('chat'), back.payloads('data'), back.said], [[2, 3], ['a', 'b'], []])
  // What was made up first is forgotten, and begins anew.
  const long = scene.connect({ clientId: clientIdOf(0), names: ['data'], resumeCursor: 1 })
  equal(long.said[0]?.op, 'resume_required')
}

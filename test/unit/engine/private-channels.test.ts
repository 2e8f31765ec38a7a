// Law 19: private channels are seen by nobody but who minted them, and are forgotten by a bound of their own.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseSnapshots } from '../../../src/engine/owner/snapshot-form.ts'
import { homeKeyOf, privateChannel } from '../../../src/engine/words/private.ts'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { channelName, Mesh, type MeshOptions } from '../../helpers/mesh.ts'
import { publishedOf } from '../../helpers/published.ts'

const group = 'test/data'
const minuteMs = 60_000

function meshOf(options: MeshOptions = {}): Mesh {
  return new Mesh({
    history: { size: 10, ttlMs: 86_400_000 },
    ownerOf: channel => Number(/\d*$/.exec(homeKeyOf(channel))?.[0] ?? 0) % 3,
    groups: [{ group, historySize: 10 }],
    ...options,
  })
}

function publish(mesh: Mesh, slot: number, key: string, text: string) {
  const outcomes = mesh.publishTo(slot, privateChannel(group, key), text)
  mesh.settle()
  return publishedOf(outcomes)
}

function watch(mesh: Mesh, slot: number, key: string, since?: string): FakeSubscriber {
  return mesh.subscribeTo(
    slot,
    privateChannel(group, key),
    new FakeSubscriber({ tells: true, rest: true }),
    since,
  )
}

function leave(mesh: Mesh, slot: number, subscriber: FakeSubscriber): void {
  mesh.engines[slot]?.unsubscribe(subscriber.subscription!) // set by subscribe
  mesh.settle()
}

describe('law 19, private channels', () => {
  test('are delivered and resumed like others', () => {
    const mesh = meshOf()
    const subscriber = watch(mesh, 1, 'k0')
    mesh.settle()
    const { epoch, offset } = publish(mesh, 2, 'k0', 'a')
    publish(mesh, 0, 'k0', 'b')
    publish(mesh, 0, 'k1', 'of another')
    deepEqual(subscriber.received, ['a', 'b'])
    const again = watch(mesh, 2, 'k0', `${epoch}.${offset}`)
    mesh.settle()
    deepEqual([again.received, again.resumedWithGap], [['b'], false])
  })

  test('are nothing to patterns, wherever those are read', () => {
    const mesh = meshOf()
    const patterns = [0, 1].map(slot => {
      const subscriber = new FakeSubscriber({ tells: true })
      mesh.engines[slot]?.subscribePattern(channelName('*'), subscriber, { via: 'test' })
      return subscriber
    })
    mesh.settle()
    for (const slot of [0, 1]) watch(mesh, slot, 'k0')
    mesh.settle()
    publish(mesh, 2, 'k0', 'secret')
    publish(mesh, 2, 'k1', 'secret')
    mesh.publish(2, 'x0', 'open')
    mesh.settle()
    mesh.kill(0, { farewell: false })
    mesh.start(0)
    mesh.settle()
    for (const { received } of patterns) deepEqual(received, ['open'])
  })

  test('are told no gap to patterns either', () => {
    const mesh = meshOf({ settings: { linkBytesMax: 200 } })
    const pattern = new FakeSubscriber({ tells: true })
    mesh.engines[1]?.subscribePattern(channelName('*'), pattern, { via: 'test' })
    mesh.settle()
    for (let n = 0; n < 30; n++) mesh.publishTo(0, privateChannel(group, 'k0'), 'x'.repeat(100))
    mesh.settle()
    deepEqual([pattern.received, pattern.gaps], [[], []])
  })

  test('go over with the worker that retires', () => {
    const mesh = meshOf()
    const { epoch, offset } = publish(mesh, 0, 'k0', 'a')
    publish(mesh, 0, 'k0', 'b')
    const snapshot = mesh.engines[0]?.snapshot() ?? []
    ok(parseSnapshots(snapshot).ok)
    mesh.kill(0)
    mesh.start(0, snapshot)
    mesh.settle()
    const subscriber = watch(mesh, 1, 'k0', `${epoch}.${offset}`)
    mesh.settle()
    deepEqual([subscriber.received, subscriber.resumedWithGap], [['b'], false])
  })
})

describe('law 19, private channels without subscribers', () => {
  test('have a bound of their own: made-up ones forget no channel that has a name', () => {
    const mesh = meshOf({ settings: { idleChannelsMax: 2, idlePrivateChannelsMax: 3 } })
    const shared = publishedOf(mesh.publish(0, 'x0', 'kept'))
    const first = publish(mesh, 0, 'k0', 'a')
    for (let n = 1; n < 20; n++) leave(mesh, 0, watch(mesh, 0, `k${n * 3}`))
    equal(publishedOf(mesh.publish(0, 'x0', 'again')).epoch, shared.epoch)
    ok(publish(mesh, 0, 'k0', 'b').epoch !== first.epoch)
  })

  test('nor do channels with names forget private ones', () => {
    const mesh = meshOf({ settings: { idleChannelsMax: 2, idlePrivateChannelsMax: 3 } })
    const { epoch } = publish(mesh, 0, 'k0', 'a')
    for (let n = 0; n < 20; n++) publishedOf(mesh.publish(0, `x${n * 3}`, 'x'))
    equal(publish(mesh, 0, 'k0', 'b').epoch, epoch)
  })

  test('the one that was left first goes first, whatever is published to it', () => {
    const mesh = meshOf({ settings: { idlePrivateChannelsMax: 2 } })
    const epochs = ['k0', 'k3'].map(key => {
      leave(mesh, 0, watch(mesh, 0, key))
      return publish(mesh, 0, key, 'x').epoch
    })
    publish(mesh, 0, 'k0', 'y')
    leave(mesh, 0, watch(mesh, 0, 'k6'))
    const again = ['k3', 'k0'].map(key => publish(mesh, 0, key, 'z').epoch)
    deepEqual([again[0] === epochs[1], again[1] === epochs[0]], [true, false])
  })

  test('are forgotten after 15 minutes, published to or not, but not while somebody is there', () => {
    const mesh = meshOf()
    const stays = watch(mesh, 1, 'k3')
    leave(mesh, 1, watch(mesh, 1, 'k0'))
    const left = publish(mesh, 0, 'k0', 'a')
    const kept = publish(mesh, 0, 'k3', 'a')
    mesh.advance(14 * minuteMs)
    equal(publish(mesh, 0, 'k0', 'b').epoch, left.epoch)
    mesh.advance(minuteMs + 6_000)
    ok(publish(mesh, 0, 'k0', 'c').epoch !== left.epoch)
    equal(publish(mesh, 0, 'k3', 'b').epoch, kept.epoch)
    deepEqual(stays.received, ['a', 'b'])
    const back = watch(mesh, 1, 'k0', `${left.epoch}.${left.offset}`)
    mesh.settle()
    deepEqual([back.resumedWithGap, back.received], [true, ['c']])
  })

  test('are forgotten after what their group says, whichever was left first', () => {
    const groups = [
      { group: 'test/long', idleMs: 60 * minuteMs },
      { group: 'test/short', idleMs: minuteMs },
      { group },
    ]
    const mesh = meshOf({ groups })
    const names = groups.map(one => privateChannel(one.group, 'k0'))
    const epochs = () =>
      names.map(name => {
        const outcomes = mesh.publishTo(0, name, 'x')
        mesh.settle()
        return publishedOf(outcomes).epoch
      })
    const first = epochs()
    const same = () => epochs().map((epoch, index) => epoch === first[index])
    mesh.advance(minuteMs + 6_000)
    deepEqual(same(), [true, false, true])
    mesh.advance(15 * minuteMs)
    deepEqual(same(), [true, false, false])
    mesh.advance(45 * minuteMs)
    deepEqual(same(), [false, false, false])
  })

  test('that were left with a worker are awaited first', () => {
    const mesh = meshOf({ settings: { idlePrivateChannelsMax: 1 } })
    watch(mesh, 1, 'k0')
    mesh.settle()
    const { epoch } = publish(mesh, 0, 'k0', 'a')
    mesh.kill(1)
    for (let n = 1; n < 5; n++) leave(mesh, 2, watch(mesh, 2, `k${n * 3}`))
    equal(publish(mesh, 0, 'k0', 'b').epoch, epoch)
  })
})

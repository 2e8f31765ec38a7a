// Names in Redis: even over slots, and never two things under one.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Keys, slotCount, slotOf } from '../../../src/cluster/redis/keys.ts'
import { channelName } from '../../helpers/mesh.ts'

describe('slots', () => {
  for (const [key, slot] of [
    ['123456789', 0x31c3],
    ['foo', 12_182],
    ['{user1000}.following', slotOf('user1000')],
    ['a{}b{c}', slotOf('a{}b{c}')],
    ['foo{{bar}}zap', slotOf('{bar')],
    ['', 0],
  ] as const) {
    test(`${JSON.stringify(key)} is in slot ${slot}, as Redis says`, () => equal(slotOf(key), slot))
  }

  test('64 partitions are in slots 0, 256, 512 and so on', () => {
    const keys = new Keys('rc', 64)
    deepEqual(
      Array.from({ length: 64 }, (_, partition) => keys.slotOf(partition)),
      Array.from({ length: 64 }, (_, partition) => partition * (slotCount / 64)),
    )
  })

  for (const partitions of [1, 2, 3, 8, 12, 63, 64]) {
    test(`${partitions} partitions are as far from each other as can be`, () => {
      const keys = new Keys('rc', partitions)
      const slots = Array.from({ length: partitions }, (_, partition) => keys.slotOf(partition))
      equal(new Set(slots).size, partitions)
      const gaps = slots.slice(1).map((slot, index) => slot - (slots[index] ?? 0))
      ok(gaps.every(gap => Math.abs(gap - slotCount / partitions) < 256))
    })
  }
})

describe('keys', () => {
  const keys = new Keys('rc', 64)

  test('all of a channel, and what is sent of it, are in the slot of its partition', () => {
    for (const name of ['a', '{b}', '}{', '', 'ü:']) {
      const channel = channelName(name)
      const slot = keys.slotOf(keys.partitionOf(channel))
      for (const kind of ['record', 'history', 'presence', 'deliveries'] as const)
        equal(slotOf(keys.of(kind, channel)), slot)
      equal(slotOf(keys.idempotency(channel, '{x}')), slot)
      equal(slotOf(keys.seen(channel, '{x}')), slot)
    }
  })

  test('a name and a key are never told apart wrongly', () => {
    const [one, other] = [channelName('a:b'), channelName('a')]
    for (const kind of ['idempotency', 'seen'] as const)
      ok(!keys[kind](one, 'c').endsWith(keys[kind](other, 'b:c').slice(keys.baseBytes)))
  })

  test('what comes back from Redis is read as it was named', () => {
    for (const name of ['a', '', 'x:y', '\n\0 ü']) {
      const bytes = Buffer.from(keys.of('deliveries', channelName(name)))
      deepEqual(keys.read(bytes), { kind: 'c', name })
      equal(keys.partitionAt(bytes), keys.partitionOf(name))
    }
    deepEqual(keys.read(Buffer.from(keys.feed(3))), { kind: 'f', name: '' })
    equal(keys.read(Buffer.from(keys.ping(3, 'n.0'))).kind, 'ping')
    equal(keys.partitionAt(Buffer.from('rc:{zzzz}:c:x')), undefined)
  })

  test('a number of partitions beyond the table is refused', () => {
    ok(new Keys('rc', 64))
    for (const partitions of [0, 65]) {
      let thrown: unknown
      try {
        new Keys('rc', partitions)
      } catch (error) {
        thrown = error
      }
      ok(thrown instanceof RangeError, `${partitions}`)
    }
  })
})

// Many channels of which much is read at once: the connection that brings it also has subscriptions, and Redis cuts off one for
// which too much waits.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from '../../../src/engine/owner/broker.ts'
import { parseOffset } from '../../../src/engine/words/position.ts'
import { RedisBroker } from '../../helpers/cluster/redis-broker.ts'
import { channelName } from '../../helpers/mesh.ts'
import { startRedis } from '../../helpers/redis/server.ts'
import { until } from '../../helpers/until.ts'

const channels = Array.from({ length: 60 }, (_, n) => channelName(`c${n}`))
const text = 'x'.repeat(1_000_000)

test('60 channels are read from their beginning, and the connection stays', async t => {
  const redis = await startRedis(t)
  const publisher = new RedisBroker(t, { ports: [redis.port] })
  await until('the publisher to be up', () => publisher.broker.upLanes === 1)
  const firsts: number[] = []
  for (const channel of channels) {
    firsts.push(Number(await publisher.publish(channel, text)))
    equal(typeof (await publisher.publish(channel, text)), 'number')
  }

  const reader = new RedisBroker(t, { ports: [redis.port], node: 'b' })
  reader.follow(...channels)
  await until('all to be followed', () => reader.told.length === channels.length)
  const pages: Page[] = []
  for (const [index, channel] of channels.entries()) {
    const from = firsts[index] ?? 0
    reader.broker.read(channel, parseOffset(from), parseOffset(from + 1), page => void pages.push(page))
  }
  equal(reader.broker.statistics()['broker.underWay'], 8)
  await until('all to be read', () => pages.length === channels.length)
  deepEqual(new Set(pages.map(({ publications }) => publications.length)), new Set([1]))
  deepEqual(
    [reader.broker.statistics()['broker.outages'], reader.notices.includes('broker-away')],
    [0, false],
  )
})

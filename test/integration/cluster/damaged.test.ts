// What others write into our Redis, and a Redis that is full, harm the channels that are concerned, for as long as it lasts.
import { deepEqual, equal } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Keys } from '../../../src/cluster/redis/keys.ts'
import { RedisBroker } from '../../helpers/cluster/redis-broker.ts'
import { channelName } from '../../helpers/mesh.ts'
import { type RedisServer, startRedis } from '../../helpers/redis/server.ts'
import { until } from '../../helpers/until.ts'

const keys = new Keys('rc', 64)
const [news, other, late] = [channelName('news'), channelName('other'), channelName('late')]

interface Scene {
  readonly redis: RedisServer
  readonly worker: RedisBroker
}

/** Both are followed, and live. */
async function scene(t: TestContext): Promise<Scene> {
  const redis = await startRedis(t)
  const worker = new RedisBroker(t, { ports: [redis.port] })
  worker.follow(news, other)
  await until('both to be followed', () => worker.told.length === 2)
  worker.told.length = 0
  return { redis, worker }
}

/** The connection ends, and the worker makes another one. */
async function cut({ redis, worker }: Scene): Promise<void> {
  const count = (notice: string) => worker.notices.filter(each => each === notice).length
  const away = count('broker-away')
  await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
  await until('the worker to notice', () => count('broker-away') > away)
}

async function publishes({ worker }: Scene, text: string): Promise<void> {
  await until('the broker to take it', async () => typeof (await worker.publish(other, text)) === 'number')
}

test('deliveries that none of us sent are counted, and nothing else', async t => {
  const at = await scene(t)
  for (const text of ['x', 'no epoch! 1 x', 'e 99999999999999999999 x', 'e -1 x', ' ', 'e 1'])
    await at.redis.call('PUBLISH', keys.of('deliveries', news), text)
  equal(typeof (await at.worker.publish(news, 'a')), 'number')
  deepEqual(at.worker.told, ['news: a'])
  equal(at.worker.broker.statistics()['broker.strange'], 6)
})

for (const [what, damage] of [
  ['of another kind', [['DEL'], ['SET', 'x']]],
  ['without a number', [['HSET', 's', 'x']]],
  ['with no epoch', [['HSET', 'e', 'no epoch!']]],
  ['with an end that no number has behind it', [['HSET', 's', '9007199254740991']]],
] as const) {
  test(`a record ${what} keeps no other channel of its lane away`, async t => {
    const at = await scene(t)
    for (const [command, ...words] of damage) await at.redis.call(command, keys.of('record', news), ...words)
    await at.worker.publish(news, 'lost')
    await cut(at)
    await publishes(at, 'a')
    deepEqual(at.worker.told, ['other: a'])
    // And it goes on by itself when the keys are gone.
    await at.redis.call('DEL', keys.of('record', news), keys.of('history', news))
    await until('the gap to be told', () => at.worker.told.includes('gap news'))
    equal(typeof (await at.worker.publish(news, 'b')), 'number')
    deepEqual(at.worker.told.at(-1), 'news: b')
  })
}

test('what is followed while the server is full is followed when it is not', async t => {
  const { redis, worker } = await scene(t)
  await redis.call('CONFIG', 'SET', 'maxmemory', '1')
  worker.follow(late)
  await until('the broker to refuse it', () => worker.broker.statistics()['broker.asksRefused'] !== 0)
  await redis.call('CONFIG', 'SET', 'maxmemory', '0')
  await until('it to be followed', () => worker.told.includes('followed late'))
  equal(typeof (await worker.publish(late, 'a')), 'number')
  deepEqual(worker.told, ['followed late', 'late: a'])
})

test('a server that is full and lost a record keeps the others', async t => {
  const at = await scene(t)
  await at.redis.call('DEL', keys.of('record', news))
  await at.redis.call('CONFIG', 'SET', 'maxmemory', '1')
  await cut(at)
  await until('the broker to be back', () => at.worker.broker.upLanes === 1)
  equal(at.worker.told.length, 0)
  await at.redis.call('CONFIG', 'SET', 'maxmemory', '0')
  await until('the gap to be told', () => at.worker.told.includes('gap news'))
})

// What Redis keeps beside the order: patterns that are watched, and how many subscribers each node has.
import { deepEqual, equal, match } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Keys } from '../../../src/cluster/redis/keys.ts'
import { place } from '../../helpers/cluster/carrier-scene.ts'
import { HeardCarrier } from '../../helpers/cluster/heard-carrier.ts'
import { type OpenOptions, redisCarrier } from '../../helpers/cluster/redis-carrier.ts'
import { channelName } from '../../helpers/mesh.ts'
import { startRedis } from '../../helpers/redis/server.ts'
import { until } from '../../helpers/until.ts'

const keys = new Keys('rc', 64)
const channel = channelName('news')

async function up(t: TestContext, options: OpenOptions): Promise<HeardCarrier> {
  const heard = new HeardCarrier(redisCarrier(options))
  t.after(() => heard.close())
  await heard.ready()
  return heard
}

test('64 patterns are watched in a cluster, and the next one is refused with a word', async t => {
  const redis = await startRedis(t)
  const notices: string[] = []
  const [heard, other] = [
    await up(t, { ports: [redis.port], notices }),
    await up(t, { ports: [redis.port], node: 'b' }),
  ]
  const outcomes = await Promise.all(Array.from({ length: 64 }, (_, n) => heard.watch(`${n}*`)))
  deepEqual(outcomes.flat(), Array(64).fill('ok'))
  deepEqual(await heard.watch('more*'), ['away'])
  match(notices.join(), /64 patterns are watched/)
  // One that is watched already costs nothing more.
  deepEqual(await other.watch('7*'), ['ok'])
  await place(other, channelName('63x'), 'fits')
  await until('it is matched', () => heard.matches.length > 0)
  deepEqual(other.matches, [])
})

test('subscribers of a node that is gone are not counted, and its entry is removed', async t => {
  const redis = await startRedis(t)
  const [heard, other] = [
    await up(t, { ports: [redis.port], timeoutMs: 1_000 }),
    await up(t, { ports: [redis.port], node: 'b' }),
  ]
  const key = keys.of('presence', channel)
  await redis.call('HSET', key, 'ghost', 300)
  other.carrier.count(channel, 20)
  await until('b is counted', async () => (await redis.call('HGET', key, 'b')) === '20')
  await until('a counts b', async () => (await heard.elsewhere(channel)) === 20)
  await until('the ghost is gone', async () => {
    await heard.elsewhere(channel)
    return (await redis.call('HGET', key, 'ghost')) === null
  })
  equal((await place(heard, channel, 'one')).elsewhere, 20)
  // Taken for dead while it was not: it says again what was removed.
  await redis.call('DEL', keys.nodes(0), key)
  await until('b is counted again', async () => (await redis.call('HGET', key, 'b')) === '20')
})

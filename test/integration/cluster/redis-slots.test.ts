// A Redis Cluster whose slots move and whose masters fail: the partition concerned is away for a while, the others are not.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Keys } from '../../../src/cluster/redis/keys.ts'
import type { ChannelName } from '../../../src/engine/words/publication.ts'
import { asked, place } from '../../helpers/cluster/carrier-scene.ts'
import { HeardCarrier } from '../../helpers/cluster/heard-carrier.ts'
import { redisCarrier } from '../../helpers/cluster/redis-carrier.ts'
import { appendedOf, judgeLoad, startLoad } from '../../helpers/cluster/redis-load.ts'
import { channelName } from '../../helpers/mesh.ts'
import { type RedisCluster, startRedisCluster } from '../../helpers/redis/cluster.ts'
import { until } from '../../helpers/until.ts'

const partitions = 12
const keys = new Keys('rc', partitions)

async function up(t: TestContext, cluster: RedisCluster, node = 'a'): Promise<HeardCarrier> {
  const ports = cluster.servers.map(({ port }) => port)
  const heard = new HeardCarrier(redisCarrier({ ports, partitions, node, timeoutMs: 2_000 }))
  t.after(() => heard.close())
  await heard.ready()
  return heard
}

/** One of each partition. */
function channels(): readonly ChannelName[] {
  return Array.from({ length: partitions }, (_, partition) => {
    for (let n = 0; ; n++) {
      const name = channelName(`c${n}`)
      if (keys.partitionOf(name) === partition) return name
    }
  })
}

test('a slot that moves under load takes its partition along, and touches no other', async t => {
  const cluster = await startRedisCluster(t)
  const [a, b] = [await up(t, cluster, 'a'), await up(t, cluster, 'b')]
  const [moving, still] = channels()
  ok(moving !== undefined && still !== undefined)
  const [from, , to] = cluster.partitions
  ok(from !== undefined && to !== undefined)
  const lane = keys.partitionOf(moving)
  equal((await cluster.partitionOf(keys.of('history', moving))).id, from.id)
  await a.subscribe(still)
  const loads = [startLoad(a, moving, 'a'), startLoad(b, moving, 'b')]
  const other = startLoad(b, still, 'o')
  const appended = () => Math.min(...[...loads, other].map(({ outcomes }) => appendedOf(outcomes)))
  await until('some are appended', () => appended() > 50)
  await cluster.moveSlot(keys.slotOf(lane), from, to)
  for (const heard of [a, b])
    await until('the lane came back', () => heard.ups.has(lane) && (heard.starts[lane] ?? 0) > 1)
  const count = appended()
  await until('more are appended', () => appended() > count + 20)
  await Promise.all([...loads, other].map(load => load.stop()))
  const all = new Map([...loads].flatMap(({ outcomes }) => [...outcomes]))
  judgeLoad(all, await to.primary.call('XRANGE', keys.of('history', moving), '-', '+'))
  // Others went on, and heard all of it.
  for (const heard of [a, b])
    deepEqual(
      heard.starts.map((starts, at) => (at === lane ? 1 : starts)),
      Array.from({ length: partitions }, () => 1),
      heard.reasons.join('\n'),
    )
  ok([...other.outcomes.values()].every(outcome => typeof outcome === 'object'))
  await until('all is heard', () => a.textsOf(still).length === other.outcomes.size)
  // What is subscribed to at the new server is delivered.
  await a.subscribe(moving)
  await place(b, moving, 'after')
  await until('it is heard', () => a.textsOf(moving).includes('after'))
})

test('a master that fails has a replica in its place, and partitions of others stay up', async t => {
  const cluster = await startRedisCluster(t, {
    replicas: 1,
    // Else all of it is down for as long as a part is.
    config: { 'cluster-require-full-coverage': 'no' },
  })
  const heard = await up(t, cluster)
  const [first] = channels()
  ok(first !== undefined)
  const lane = keys.partitionOf(first)
  const load = startLoad(heard, first)
  await until('some are appended', () => appendedOf(load.outcomes) > 50)
  const before = await asked(heard, first)
  const lost = await cluster.partitionOf(keys.of('history', first))
  await lost.primary.kill()
  await until('it is noticed', () => !heard.ups.has(lane))
  const others = channels().filter(name => {
    const at = Math.floor((keys.slotOf(keys.partitionOf(name)) / 16_384) * 3)
    return cluster.partitions[at]?.id !== lost.id
  })
  for (const name of others) await place(heard, name, 'meanwhile')
  await until('all lanes came back', () => heard.ups.size === partitions)
  const count = appendedOf(load.outcomes)
  await until('more are appended', () => appendedOf(load.outcomes) > count + 20)
  await load.stop()
  ok((await asked(heard, first)).epoch !== before.epoch)
  const [replica] = lost.replicas
  ok(replica !== undefined)
  // The last before the fail-over may not have reached it: that is what the new epoch says.
  judgeLoad(load.outcomes, await replica.call('XRANGE', keys.of('history', first), '-', '+'), {
    mayLose: true,
  })
  for (const name of others) equal(heard.starts[keys.partitionOf(name)], 1)
})

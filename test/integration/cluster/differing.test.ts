// Nodes that are joined and not alike: each tells of the other in its log, its status and its metrics, and both stay ready. What an
// older node, or anybody else, has in Redis does not hinder them.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { packageVersion } from '../../../src/admin/version.ts'
import type { Difference } from '../../../src/cluster/about.ts'
import { HeardCarrier } from '../../helpers/cluster/heard-carrier.ts'
import { type ClusterNode, startNodes } from '../../helpers/cluster/nodes.ts'
import { redisCarrier } from '../../helpers/cluster/redis-carrier.ts'
import { startRedis } from '../../helpers/redis/server.ts'
import { until } from '../../helpers/until.ts'

describe('nodes that are joined', { concurrency: 2 }, () => {
  test('tell where they are not alike, and serve', async t => {
    const redis = await startRedis(t)
    const nodes = await startNodes(t, {
      url: `redis://127.0.0.1:${redis.port}`,
      environment: { RINGCAST_CLUSTER_PING_MS: '50' },
      own: [{ RINGCAST_NAMESPACES: '[{"pattern":"news","historySize":3}]' }],
    })
    const [a, b] = await until('both to know', async () => {
      const all = await Promise.all(nodes.map(statusOf))
      return all.every(({ differs }) => differs !== undefined) ? all : undefined
    })
    ok(a && b)
    const version = packageVersion()
    const parts = ['namespaces']
    deepEqual(
      [a.differs, b.differs],
      [[{ node: b.nodeId, parts, version }], [{ node: a.nodeId, parts, version }]],
    )
    for (const [index, { daemon, admin }] of nodes.entries()) {
      // Both workers know it, and one line is written.
      await until('the metrics to say it', async () => {
        const { text } = await admin.ask('/metrics')
        return [...text.matchAll(/^ringcast_broker_nodes_differing\{.*\} 1$/gm)].length === 2
      })
      const lines = daemon.log.filter(({ code }) => code === 'cluster-differs')
      deepEqual(
        lines.map(({ level, node, parts }) => ({ level, node, parts })),
        [{ level: 40, node: index === 0 ? b.nodeId : a.nodeId, parts }],
      )
      equal((await admin.ask('/readyz')).status, 200)
    }
  })

  test('know nothing of a node that says nothing, and forget who is gone', async t => {
    const redis = await startRedis(t)
    const heard: (readonly Difference[])[] = []
    const nodesKey = 'rc:{05cc}:nodes'
    const aboutKey = 'rc:{05cc}:about'
    // An older node; and one that is gone.
    await redis.call('ZADD', nodesKey, '9999999999999', 'older')
    await redis.call('HSET', aboutKey, 'gone', 'version=0')
    const carrier = new HeardCarrier(
      redisCarrier({
        ports: [redis.port],
        node: 'a',
        about: { version: '1' },
        differs: differences => heard.push(differences),
      }),
    )
    t.after(() => carrier.close())
    await carrier.ready()
    await until('it to know both', () => carrier.carrier.statistics()['nodes'] === 2)
    deepEqual([heard, await redis.call('HGETALL', aboutKey)], [[], ['a', 'version=1']])
    // It is updated.
    await redis.call('HSET', aboutKey, 'older', 'version=2')
    await until('it to be told', () => heard.length === 1)
    deepEqual(heard, [[{ node: 'older', parts: ['version'], version: '2' }]])
    // What is no hash says nothing, and hinders nobody.
    await redis.call('DEL', aboutKey)
    await redis.call('SET', aboutKey, 'x')
    await redis.call('ZREM', nodesKey, 'older')
    await redis.call('ZADD', nodesKey, '9999999999999', 'new')
    await until('it to know another', () => carrier.carrier.statistics()['nodes'] === 3)
    equal(carrier.ups.size, 1)
  })
})

async function statusOf(node: ClusterNode | undefined): Promise<{
  nodeId: string
  differs?: readonly Difference[]
}> {
  ok(node)
  return (await node.admin.ask('/v1/node')).json().cluster
}

// Fail-overs that nobody orders: Sentinels and members of a cluster notice that a primary is gone.
import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { startRedisCluster } from '../../helpers/redis/cluster.ts'
import { startWatched } from '../../helpers/redis/pair.ts'
import { until } from '../../helpers/until.ts'

test('Sentinels name a replica when the primary is paused, and take the old one back as a replica', async t => {
  const watched = await startWatched(t)
  equal(await watched.named(), watched.primary.port)
  watched.primary.pause()
  const port = await until('another primary to be named', async () => {
    const named = await watched.named()
    return named !== watched.primary.port && named
  })
  const next = watched.replicas.find(each => each.port === port)
  equal(await next?.role(), 'master')
  watched.primary.resume()
  await until('the old primary to follow', async () => {
    return (await watched.primary.role()) === 'slave'
  })
})

test('a replica of a cluster takes the place of a primary that was killed', async t => {
  const cluster = await startRedisCluster(t, { replicas: 1 })
  const [partition] = cluster.partitions
  ok(partition)
  await partition.primary.kill()
  await until('the replica to be promoted', async () => {
    return (await partition.replicas[0]?.role()) === 'master'
  })
  await cluster.whole()
})

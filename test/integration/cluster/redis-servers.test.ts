// The servers that tests of brokers start: real ones, which are stopped, killed, paused, replaced and started again.
import { deepEqual, equal, match, notEqual, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthority } from '../../helpers/certificates.ts'
import { startRedisCluster } from '../../helpers/redis/cluster.ts'
import { demote, inStep, promote, startReplicated } from '../../helpers/redis/pair.ts'
import { startRedis } from '../../helpers/redis/server.ts'
import { until } from '../../helpers/until.ts'

test('a server is new enough, answers with every kind of reply, and tells its errors', async t => {
  const redis = await startRedis(t)
  match((await redis.info('server', 'redis_version')) ?? '', /^[7-9]\./)
  const client = await redis.client()
  equal(await client.call('SET', 'a', 'ü\r\n'), 'OK')
  const replies = await client.call('EVAL', 'return {redis.call("GET", "a"), 1, false, {"b"}}', 0)
  deepEqual(replies, ['ü\r\n', 1, null, ['b']])
  deepEqual(await Promise.all(['a', 'b'].map(key => client.call('GET', key))), ['ü\r\n', null])
  await rejects(client.call('HGET', 'a', 'b'), /^Error: WRONGTYPE/)
})

test('a server that is stopped or killed comes back on its port, with its data or without', async t => {
  const redis = await startRedis(t, { appendOnly: true, config: { appendfsync: 'always' } })
  const { port } = redis
  const client = await redis.client()
  await client.call('SET', 'a', 'b')
  await redis.kill()
  await rejects(client.call('PING'))
  await redis.restartFromDisk()
  deepEqual([await redis.call('GET', 'a'), redis.port], ['b', port])
  await redis.stop()
  await redis.restartEmpty()
  equal(await redis.call('GET', 'a'), null)
})

test('a server that is paused keeps its connections and answers when it goes on', async t => {
  const redis = await startRedis(t)
  const client = await redis.client()
  await client.call('SET', 'a', 'b')
  redis.pause()
  let isAnswered = false
  const answered = client.call('GET', 'a').then(reply => {
    isAnswered = true
    return reply
  })
  await rejects(
    until('an answer of a paused server', () => isAnswered, 200),
    /in vain/,
  )
  redis.resume()
  equal(await answered, 'b')
})

test('passwords and users are wanted where they are set', async t => {
  const redis = await startRedis(t, {
    password: 'open-sesame',
    users: ['app on >app-secret ~rc:* &rc:* +@all'],
  })
  equal(await redis.call('PING'), 'PONG')
  const app = await redis.client({ user: 'app', password: 'app-secret' })
  equal(await app.call('SET', 'rc:a', 'b'), 'OK')
  await rejects(app.call('SET', 'other', 'b'), /NOPERM/)
  await rejects(redis.client({ password: 'wrong' }), /WRONGPASS/)
  await rejects((await redis.client({})).call('GET', 'rc:a'), /NOAUTH/)
})

test('a server with TLS speaks nothing else', async t => {
  const authority = createAuthority(t)
  const redis = await startRedis(t, { tls: { ...authority.issue('IP:127.0.0.1'), ca: authority.cert } })
  equal(await redis.call('PING'), 'PONG')
  await rejects((await redis.client({})).call('PING'))
})

test('a promoted replica has another past, and a demoted primary loses what the other never had', async t => {
  const { primary, replicas } = await startReplicated(t)
  const [replica] = replicas
  ok(replica)
  const past = await primary.info('replication', 'master_replid')
  await primary.call('SET', 'both', '1')
  await until('the replica to be in step', async () => (await inStep(primary)) === 1)
  await promote(replica)
  notEqual(await replica.info('replication', 'master_replid'), past)
  await primary.call('SET', 'lost', '1')
  equal(await replica.call('GET', 'both'), '1')
  await demote(primary, replica)
  deepEqual([await primary.call('GET', 'both'), await primary.call('GET', 'lost')], ['1', null])
})

test('a cluster serves every slot, and moves one while it does', async t => {
  const cluster = await startRedisCluster(t)
  const key = 'rc:{a}:m'
  const from = await cluster.partitionOf(key)
  const to = cluster.partitions.find(each => each !== from)
  ok(to)
  await from.primary.call('SET', key, 'b')
  await rejects(to.primary.call('GET', key), /^Error: MOVED/)
  const slot = Number(await from.primary.call('CLUSTER', 'KEYSLOT', key))
  await cluster.moveSlot(slot, from, to)
  equal(await to.primary.call('GET', key), 'b')
  await rejects(from.primary.call('GET', key), new RegExp(`MOVED ${slot} 127.0.0.1:${to.primary.port}`))
  await cluster.whole()
})

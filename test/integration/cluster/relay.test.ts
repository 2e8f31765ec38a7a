// The relay between a node and its broker: what it does to bytes and connections, seen with a real server behind it.
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { startRelay } from '../../helpers/cluster/relay.ts'
import { RespClient } from '../../helpers/redis/resp.ts'
import { startRedis } from '../../helpers/redis/server.ts'
import { until } from '../../helpers/until.ts'

test('passes bytes on in both directions, more than fit anywhere', async t => {
  const redis = await startRedis(t)
  const { port } = await startRelay(t, redis.port)
  const client = await RespClient.open({ port })
  const value = 'x'.repeat(8 * 1_048_576)
  await client.call('SET', 'a', value)
  ok((await client.call('GET', 'a')) === value)
  client.leave()
})

test('cut off, connections end and new ones refused, until it is mended', async t => {
  const redis = await startRedis(t)
  const relay = await startRelay(t, redis.port)
  const client = await RespClient.open(relay)
  await client.call('PING')
  relay.cut()
  await rejects(client.call('PING'))
  await rejects(RespClient.open(relay).then(refused => refused.call('PING')))
  relay.mend()
  const next = await RespClient.open(relay)
  equal(await next.call('PING'), 'PONG')
  relay.drop()
  await rejects(next.call('PING'))
  await until('the connections to be gone', () => relay.connections === 0)
})

test('silent, it keeps connections and takes new ones, and then brings everything in order', async t => {
  const redis = await startRedis(t)
  const relay = await startRelay(t, redis.port)
  const client = await RespClient.open(relay)
  await client.call('SET', 'a', 0)
  relay.silence()
  const answers = [1, 2, 3].map(() => client.call('INCR', 'a'))
  const next = await RespClient.open(relay)
  const late = next.call('PING')
  await rejects(
    until('something to pass', async () => (await redis.call('GET', 'a')) !== '0', 100),
    /in vain/,
  )
  relay.mend()
  equal(String(await Promise.all(answers)), '1,2,3')
  equal(await late, 'PONG')
  for (const each of [client, next]) each.leave()
})

test('is as slow as it is told to be, in each direction', async t => {
  const redis = await startRedis(t)
  const relay = await startRelay(t, redis.port)
  const client = await RespClient.open(relay)
  await client.call('PING')
  relay.delay(100, 0)
  const from = performance.now()
  const answered = client.call('INCR', 'a')
  await until('the command to arrive', async () => (await redis.call('GET', 'a')) === '1')
  ok(performance.now() - from >= 99)
  await answered
  relay.delay(0, 100)
  const then = performance.now()
  // What is late stays in front of what is not.
  const answers = [client.call('INCR', 'a'), client.call('INCR', 'a')]
  equal(String(await Promise.all(answers)), '2,3')
  ok(performance.now() - then >= 99)
  client.leave()
})

test('new connections go where it is turned to', async t => {
  const [first, second] = await Promise.all([startRedis(t), startRedis(t)])
  const relay = await startRelay(t, first.port)
  const before = await RespClient.open(relay)
  await before.call('SET', 'a', 'first')
  relay.turnTo(second.port)
  const after = await RespClient.open(relay)
  equal(await after.call('GET', 'a'), null)
  equal(await before.call('GET', 'a'), 'first')
  for (const each of [before, after]) each.leave()
})

test('one process is cut off, and the others are not', async t => {
  const redis = await startRedis(t)
  const relay = await startRelay(t, redis.port)
  const other = await startRedis(t, { replicaOf: relay.port })
  const connected = () => other.info('replication', 'master_link_status')
  await until('the other process to be connected', async () => (await connected()) === 'up')
  const client = await RespClient.open(relay)
  relay.cut(other.pid)
  await until('the other process to be cut off', async () => (await connected()) === 'down')
  const { asked } = relay
  await until('it to try again, in vain', () => relay.asked > asked)
  deepEqual([await client.call('PING'), await connected()], ['PONG', 'down'])
  relay.mend(other.pid)
  await until('the other process to be connected again', async () => (await connected()) === 'up')
  client.leave()
})

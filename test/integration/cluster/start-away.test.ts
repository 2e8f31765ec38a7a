// A node that starts while Redis is away: it lives and is not ready, and whoever comes all the same is told to come again, by
// each protocol's own words.
import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { startNodes } from '../../helpers/cluster/nodes.ts'
import { protocols } from '../../helpers/protocols/ground.ts'
import { isReader } from '../../helpers/protocols/protocol.ts'
import { freePort } from '../../helpers/proxies.ts'
import { startRedis } from '../../helpers/redis/server.ts'
import { until } from '../../helpers/until.ts'

const impatient = {
  // It does not wait before it listens.
  RINGCAST_CLUSTER_UNREADY_AFTER_MS: '0',
  RINGCAST_ENGINE_ATTACH_TIMEOUT_MS: '300',
  RINGCAST_DRAIN_SPREAD_MS: '0',
}

test('a node whose Redis was never there listens, is not ready, and sends everybody away for now', async t => {
  const [node] = await startNodes(t, {
    count: 1,
    url: `redis://127.0.0.1:${await freePort()}`,
    environment: impatient,
  })
  ok(node)
  const { admin, daemon } = node
  equal((await admin.ask('/livez')).status, 200)
  const readiness = await admin.ask('/readyz')
  equal(readiness.status, 503)
  const [reason] = readiness.json().reasons
  equal(reason.code, 'broker-away')
  match(reason.text, /no worker reaches the broker .*refuses connections/)
  for (const { name, publishesAt, publish, read } of protocols) {
    const { status, body } = await publish(daemon.address(name, publishesAt), 'news', '{"n":1}')
    // A client with a stream of its own is sent away before it can publish.
    ok(status === 503 || /try again/.test(body), `${name}: ${status} ${body}`)
    const reader = await read(daemon.address(name), 'news')
    if (isReader(reader)) await rejects(reader.next(1), /ended|closed/, name)
    else equal(reader.status, 503, name)
  }
  for (const path of ['/v1/channels/news', '/v1/channels/news/presence', '/v1/channels/news/history']) {
    const answer = await admin.ask(path)
    deepEqual(
      [answer.status, answer.json().code, answer.headers['retry-after']],
      [503, 'broker-away', '1'],
      path,
    )
  }
  await until('the log to say so', () => daemon.log.some(line => line['code'] === 'broker-away'))
  equal(daemon.log.filter(line => line['code'] === 'broker-away' && line['thread'] === 'primary').length, 1)
  equal(await daemon.stop(), 0)
})

test('a node waits for a Redis that comes after it, and listens when all workers reach it', async t => {
  const redis = await startRedis(t)
  await redis.stop()
  const starting = startNodes(t, { count: 1, url: `redis://127.0.0.1:${redis.port}` })
  await redis.restartFromDisk()
  const [node] = await starting
  ok(node)
  deepEqual((await node.admin.ask('/readyz')).json(), { status: 'ready', reasons: [] })
  equal((await node.admin.publish({ channel: 'news', data: 1 })).status, 200)
})

// What Pushy's README shows of a cluster: two servers with one Redis, each with a publisher of its own. What is published on the
// second one, port 4002 there, is received on the first, port 4001.
import { deepEqual, equal, match } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { readEvents } from '../../conformance/pushy/protocol.ts'
import { startNodes } from '../../helpers/cluster/nodes.ts'
import { startStandalone } from '../../helpers/cluster/standalone.ts'
import { startCommand } from '../../helpers/command.ts'
import { secrets } from '../../helpers/daemon.ts'
import { opened, post } from '../../helpers/protocols/protocol.ts'
import { freePorts } from '../../helpers/proxies.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { headerOf } from '../../helpers/raw-http.ts'
import { type RedisOptions, startRedis } from '../../helpers/redis/server.ts'
import { until } from '../../helpers/until.ts'

const json = { 'content-type': 'application/json' } as const
const publishers = ['first', 'second'] as const

function credentialsOf(publisher: (typeof publishers)[number]) {
  return { id: publisher, secret: `${publisher}-${secrets.client}` }
}

/** Both servers' addresses. */
async function startServers(t: TestContext, redisUrl: string): Promise<readonly string[]> {
  const ports = await freePorts(2)
  const starting = publishers.map(async (publisher, index) => {
    const { id, secret } = credentialsOf(publisher)
    const environment = {
      AUTH_SECRET_KEY: secrets.jwt,
      PUBLISHER_CLIENT_ID: id,
      PUBLISHER_CLIENT_SECRET: secret,
      REDIS_URL: redisUrl,
      PORT: String(ports[index]),
      RINGCAST_WORKERS: '2',
      RINGCAST_PUSHY_LISTEN: `127.0.0.1:${ports[index]}`,
    }
    const server = startCommand(['pushy'], { environment })
    t.after(async () => {
      server.process.kill('SIGTERM')
      await server.ended
    })
    await until('the server to be ready', () => {
      if (server.process.exitCode !== null) throw new Error(`it ended: ${server.errors()}${server.out()}`)
      return server.out().includes('"msg":"ready"')
    })
  })
  await Promise.all(starting)
  return ports.map(port => `127.0.0.1:${port}`)
}

async function playScenario(t: TestContext, options: RedisOptions, urlOf: (port: number) => string) {
  const redis = await startRedis(t, options)
  const [first = '', second = ''] = await startServers(t, urlOf(redis.port))
  const asks = credentialsOf('first')
  const asked = await post(
    first,
    '/token',
    { ...json, 'x-client-id': asks.id, 'x-client-secret': asks.secret },
    '{"sub":"user123","channels":["news"]}',
  )
  equal(asked.status, 200)
  const { token } = JSON.parse(asked.body)
  const stream = new RawClient(first)
  t.after(() => stream.leave())
  stream.send(`GET /channels/news/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`)
  const head = await stream.head()
  deepEqual([head.status, headerOf(head, 'content-type')], [200, 'text/event-stream'])
  const publishes = credentialsOf('second')
  const published = await post(
    second,
    '/publish/news',
    { ...json, 'x-client-id': publishes.id, 'x-client-secret': publishes.secret },
    '{"data":{"headline":"hello"}}',
  )
  deepEqual([published.status, published.body], [200, ''])
  await until('the event', () => stream.text.includes('headline'))
  match(stream.text, /event: message\ndata: \{"headline":"hello","timestamp":\d+\}\nid: \S+\nretry: 100\n\n/)
}

test('what is published on the second server is received on the first', async t => {
  await playScenario(t, {}, port => `redis://localhost:${port}`)
})

test('the address of Redis may hold a user, a password and the number of its database', async t => {
  const users = ['app on >app-secret-0f3b9c ~rc:* &rc:* +@all', 'default off']
  await playScenario(t, { users }, port => `redis://app:app-secret-0f3b9c@127.0.0.1:${port}/0`)
})

test('a stream of a pattern has what fits it from both nodes, each once, and what comes after an outage', async t => {
  const { relays, url } = await startStandalone(t)
  const nodes = await startNodes(t, { url, environment: { RINGCAST_DRAIN_SPREAD_MS: '0' } })
  const readers = await Promise.all(
    nodes.map(({ daemon }) => opened(readEvents(daemon.address('pushy'), 'news.*'))),
  )
  t.after(() => readers.forEach(reader => void reader.leave()))
  const publish = async (numbers: readonly number[]) => {
    for (const n of numbers) {
      const admin = nodes[n % nodes.length]?.admin
      for (const channel of ['news.a', `news.${n}`, 'other']) {
        equal((await admin?.publish({ channel, data: { n, channel } }))?.status, 200)
      }
    }
  }
  const fitting = (numbers: readonly number[]) =>
    numbers.flatMap(n => ['news.a', `news.${n}`].map(channel => ({ n, channel })))
  await publish([1, 2, 3, 4])
  for (const reader of readers) {
    const got = (await reader.next(8)).map(text => JSON.parse(text))
    deepEqual(sorted(got), sorted(fitting([1, 2, 3, 4])))
  }
  for (const relay of relays) relay.drop()
  await until('both nodes to publish again', async () => {
    const answers = await Promise.all(nodes.map(({ admin }) => admin.publish({ channel: 'other', data: 0 })))
    return answers.every(({ status }) => status === 200)
  })
  await publish([5, 6])
  for (const reader of readers) {
    const got = (await reader.next(4)).map(text => JSON.parse(text))
    deepEqual(sorted(got), sorted(fitting([5, 6])))
  }
})

/** Channels have an order each, and none between them. */
function sorted(all: readonly object[]): readonly string[] {
  return all.map(each => JSON.stringify(each)).toSorted()
}

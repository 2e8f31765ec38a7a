// One connection to a real server: the order of what is heard, deadlines, and what a ping that does not come back means.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createClient } from '@redis/client'
import type { Access } from '../../../src/cluster/redis/access.ts'
import { Connection, type ConnectionSigns } from '../../../src/cluster/redis/connection.ts'
import { Keys } from '../../../src/cluster/redis/keys.ts'
import { Pulse } from '../../../src/cluster/redis/pulse.ts'
import { called } from '../../../src/cluster/redis/run-script.ts'
import { systemClock as clock } from '../../../src/std/clock.ts'
import { systemRandom as random } from '../../../src/std/random.ts'
import { startRedis } from '../../helpers/redis/server.ts'
import { until } from '../../helpers/until.ts'

const access: Access = {
  username: '',
  password: undefined,
  isTls: false,
  ca: undefined,
  timeoutMs: 5_000,
  name: 'test',
}
const silent: ConnectionSigns = { message: () => {}, unsubscribed: () => {}, dead: () => {} }

async function open(
  t: TestContext,
  port: number,
  signs: Partial<ConnectionSigns> = {},
  timeoutMs = access.timeoutMs,
): Promise<Connection> {
  const place = { host: '127.0.0.1', port }
  const connection = await Connection.open(
    place,
    { ...access, timeoutMs },
    { createClient, clock },
    { ...silent, ...signs },
  )
  t.after(() => connection.die('the test ends'))
  return connection
}

test('answers and deliveries are heard in the order of the server', async t => {
  const redis = await startRedis(t)
  const heard: string[] = []
  const connection = await open(t, redis.port, { message: (_channel, payload) => heard.push(`${payload}`) })
  await new Promise<void>(resolve => connection.subscribe('plain', ['news', 'news', 'more'], () => resolve()))
  const note = (text: string) => (reply: unknown) => heard.push(`${text}${reply}`)
  connection.call(['SET', 'a', '1'], note('set '))
  connection.call(['PUBLISH', 'news', 'one'], note('publish '))
  connection.call(['GET', 'a'], note('get '))
  connection.call(['PUBLISH', 'more', 'two'], note('publish '))
  await called(connection, ['PING'])
  const place = (text: string) => heard.indexOf(text)
  deepEqual(
    heard.filter(text => /^(?:set|get)/.test(text)),
    ['set OK', 'get 1'],
  )
  ok(place('set OK') < place('one') && place('one') < place('get 1') && place('get 1') < place('two'))
  connection.unsubscribe('plain', ['news'])
  equal(await called(connection, ['PUBLISH', 'news', 'three']), 0)
})

test('what was not written is known from what was, and all of it fails before the end is told', async t => {
  const redis = await startRedis(t)
  const told: string[] = []
  const connection = await open(t, redis.port, { dead: reason => told.push(reason) })
  redis.pause()
  connection.call(['SET', 'a', '1'], (_reply, failure) => told.push(`${JSON.stringify(failure)}`))
  await new Promise(resolve => setImmediate(() => setImmediate(resolve)))
  connection.call(['SET', 'b', '1'], (_reply, failure) => told.push(`${JSON.stringify(failure)}`))
  connection.die('over')
  connection.call(['SET', 'c', '1'], (_reply, failure) => told.push(`${JSON.stringify(failure)}`))
  redis.resume()
  deepEqual(told, [
    '{"kind":"lost","isWritten":true}',
    '{"kind":"lost","isWritten":false}',
    'over',
    '{"kind":"lost","isWritten":false}',
  ])
  await until('the first is done', async () => (await redis.call('GET', 'a')) === '1')
  equal(await redis.call('GET', 'b'), null)
})

test('a command that is not answered in time ends the connection', async t => {
  const redis = await startRedis(t)
  const told: string[] = []
  const connection = await open(t, redis.port, { dead: reason => told.push(reason) }, 300)
  redis.pause()
  connection.call(['GET', 'a'], (_reply, failure) => told.push(failure?.kind ?? 'answered'))
  await until('it ends', () => told.length === 2)
  deepEqual(told, ['lost', 'it did not answer within 300 ms'])
  redis.resume()
})

test('a server whose pings do not come back is unfit, though it answers', async t => {
  const redis = await startRedis(t)
  let isHeard = true
  const told: string[] = []
  const connection = await open(t, redis.port, { message: () => isHeard && pulse.came() })
  const world = {
    createClient,
    clock,
    random,
    access: { ...access, timeoutMs: 500 },
    keys: new Keys('rc', 64),
    pingMs: 50,
    kind: 'plain' as const,
    node: 'n',
    worker: 'n.0',
    about: '',
    notice: () => {},
  }
  const nodes: string[] = []
  const pulse = new Pulse(world, connection, {
    anchor: () => 0,
    nodes: names => nodes.push(...names),
    moved: () => {},
    unfit: text => told.push(text),
  })
  await pulse.first()
  deepEqual(nodes, ['n'])
  pulse.start()
  const count = async () =>
    Number(/calls=(\d+)/.exec(String(await redis.info('commandstats', 'cmdstat_publish')))?.[1])
  const before = await count()
  await until('pings go on', async () => (await count()) > before + 15)
  deepEqual(told, [])
  // What the server sends is dropped on our side: its answers are not.
  isHeard = false
  await until('it is told', () => told.length > 0)
  match(told[0] ?? '', /publications do not arrive within 500 ms/)
  ok(!connection.isDead)
  pulse.stop()
})

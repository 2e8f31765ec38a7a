// What Redis alone can do to a carrier: forgotten scripts, keys of others, full memory, strange names, wrong servers.
import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Appended } from '../../../src/cluster/carrier.ts'
import { Keys } from '../../../src/cluster/redis/keys.ts'
import { privateChannel } from '../../../src/engine/words/private.ts'
import type { ChannelName } from '../../../src/engine/words/publication.ts'
import { append, asked, place, stretch } from '../../helpers/cluster/carrier-scene.ts'
import { HeardCarrier } from '../../helpers/cluster/heard-carrier.ts'
import { type OpenOptions, redisCarrier } from '../../helpers/cluster/redis-carrier.ts'
import { isAppended } from '../../helpers/cluster/redis-load.ts'
import { channelName } from '../../helpers/mesh.ts'
import { startRedisCluster } from '../../helpers/redis/cluster.ts'
import { startReplicated } from '../../helpers/redis/pair.ts'
import { startRedis } from '../../helpers/redis/server.ts'
import { until } from '../../helpers/until.ts'

const keys = new Keys('rc', 64)
const channel = channelName('news')

function open(t: TestContext, options: OpenOptions): HeardCarrier {
  const heard = new HeardCarrier(redisCarrier(options))
  t.after(() => heard.close())
  return heard
}

async function up(t: TestContext, options: OpenOptions): Promise<HeardCarrier> {
  const heard = open(t, options)
  await heard.ready()
  return heard
}

/** The first reason that fits; it never comes up. */
async function refused(t: TestContext, options: OpenOptions, reason: RegExp): Promise<string> {
  const heard = open(t, options)
  const found = await until(`${reason}`, () => heard.reasons.find(text => reason.test(text)))
  equal(heard.ups.size, 0)
  return found
}

test('a server that forgot its scripts is told them again, and no publication is lost or doubled', async t => {
  const redis = await startRedis(t)
  const heard = await up(t, { ports: [redis.port] })
  await place(heard, channel, 'one')
  for (let n = 0; n < 5; n++) {
    await redis.call('SCRIPT', 'FLUSH')
    await Promise.all([place(heard, channel, `${n}`), asked(heard, channel), asked(heard, channelName('b'))])
  }
  const where = await asked(heard, channel)
  deepEqual(await stretch(heard, channel, where, where.first, where.next), [
    where.first,
    ['one', '0', '1', '2', '3', '4'],
  ])
})

test('a key of another kind fails its own publication, whole, and no other of the batch', async t => {
  const redis = await startRedis(t)
  const heard = await up(t, { ports: [redis.port] })
  const damaged = [channelName('record'), channelName('history'), channelName('count'), channelName('key')]
  const [record, history, count, key] = damaged.map(name => name as ChannelName) // there are four
  if (record === undefined || history === undefined || count === undefined || key === undefined)
    throw new Error()
  await redis.call('SET', keys.of('record', record), 'x')
  await redis.call('SET', keys.of('history', history), 'x')
  await redis.call('SET', keys.of('presence', count), 'x')
  await redis.call('RPUSH', keys.idempotency(key, 'k'), 'x')
  await heard.subscribe(channel, ...damaged)
  const outcomes = await heard.append(
    append(channel, 'first'),
    append(record, 'a'),
    append(record, 'as the one before'),
    append(history, 'b'),
    append(count, 'c'),
    append(key, 'd', { key: 'k' }),
    append(channel, 'next'),
    append(channel, 'last'),
  )
  deepEqual(outcomes.map(isAppended), [true, false, false, false, false, false, true, true])
  deepEqual(outcomes.slice(1, 6), Array(5).fill('away'))
  await heard.heard(3)
  deepEqual(
    heard.deliveries.map(({ text }) => text),
    ['first', 'next', 'last'],
  )
  // No number was used up, and nothing was kept.
  for (const name of [history, count, key]) equal(await heard.inspect(name), undefined)
  ok(heard.ups.has(0))
  equal(heard.carrier.statistics()['damaged'], 5)
})

test('a stream that is ahead of its record begins a new epoch above it', async t => {
  const redis = await startRedis(t)
  const heard = await up(t, { ports: [redis.port] })
  const { epoch, offset } = await place(heard, channel, 'one')
  await redis.call('XADD', keys.of('history', channel), `${offset + 1_000}-0`, 'e', 'of a stranger')
  const next = await place(heard, channel, 'two')
  notEqual(next.epoch, epoch)
  ok(next.offset > offset + 1_000 + 2 ** 18 - 1)
  equal((await asked(heard, channel)).previous, undefined)
})

test('names of every kind are told apart, and so are their keys', async t => {
  const redis = await startRedis(t)
  const heard = await up(t, { ports: [redis.port] })
  const names = [
    '',
    ' ',
    'a:b',
    'a',
    '{x}',
    '}{',
    'naïve ✓ 𝄞',
    'a\n\r\0b',
    '*',
    'c:1',
    `${'é'.repeat(512)}`,
  ].map(channelName)
  const all = [...names, privateChannel('grip/own', 'someone:x')]
  await heard.subscribe(...all)
  for (const name of all) await place(heard, name, `to ${name}`, { key: 'k' })
  await heard.heard(all.length)
  deepEqual(
    heard.deliveries.map(({ channel: name, text }) => [name, text]),
    all.map(name => [name, `to ${name}`]),
  )
  // Both would be `a:b:c` if a name did not say where it ends.
  const [one, two] = [channelName('a:b'), channelName('a')]
  equal((await place(heard, one, 'one', { key: 'c' })).duplicate, false)
  equal((await place(heard, two, 'two', { key: 'b:c' })).duplicate, false)
})

test('clusters with other prefixes share a server and nothing else', async t => {
  const redis = await startRedis(t)
  const [ours, theirs] = [
    await up(t, { ports: [redis.port] }),
    await up(t, { ports: [redis.port], prefix: 'rc:other', partitions: 3 }),
  ]
  await Promise.all([ours.subscribe(channel), theirs.subscribe(channel), theirs.watch('*')])
  const one = await place(ours, channel, 'ours', { key: 'k' })
  const two = await place(theirs, channel, 'theirs', { key: 'k' })
  notEqual(one.epoch, two.epoch)
  await Promise.all([ours.heard(1), theirs.heard(1), until('matched', () => theirs.matches.length > 0)])
  deepEqual(
    [ours.deliveries, theirs.deliveries, theirs.matches].map(told => told.map(({ text }) => text)),
    [['ours'], ['theirs'], ['theirs']],
  )
})

test('the first node decides how many partitions there are, and another number is refused with both', async t => {
  const redis = await startRedis(t)
  await up(t, { ports: [redis.port], partitions: 16 })
  const reason = await refused(t, { ports: [redis.port], partitions: 64 }, /partitions/)
  match(reason, /spread over 16 partitions, and this node's setting is 64/)
  await up(t, { ports: [redis.port], partitions: 16, node: 'b' })
})

test('a server without memory refuses each publication as overloaded, and goes on when it has some', async t => {
  const redis = await startRedis(t)
  const heard = await up(t, { ports: [redis.port] })
  const before = await place(heard, channel, 'one')
  await redis.call('CONFIG', 'SET', 'maxmemory', 1)
  deepEqual(await heard.append(append(channel, 'two'), append(channel, 'three', { historySize: 0 })), [
    'overloaded',
    'overloaded',
  ])
  const pings = async () =>
    Number(/calls=(\d+)/.exec(String(await redis.info('commandstats', 'cmdstat_publish')))?.[1])
  const count = await pings()
  await until('pings go on', async () => (await pings()) > count + 3)
  ok(heard.ups.has(0))
  await redis.call('CONFIG', 'SET', 'maxmemory', 0)
  deepEqual(await place(heard, channel, 'four'), { ...before, offset: before.offset + 1 })
})

test('a policy that evicts is told once, where there is a limit at all', async t => {
  const redis = await startRedis(t, { config: { maxmemory: '100mb', 'maxmemory-policy': 'allkeys-lru' } })
  const notices: string[] = []
  const heard = await up(t, { ports: [redis.port], notices })
  await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
  await until('it came back', () => heard.starts[0] === 2)
  equal(notices.length, 1)
  match(notices[0] ?? '', /maxmemory-policy is allkeys-lru/)
})

test('servers that cannot be used are refused in plain words, without secrets', async t => {
  const { primary, replicas } = await startReplicated(t)
  await refused(t, { ports: [replicas[0]?.port ?? 0] }, /is a replica and takes no writes/)
  await primary.call(
    'ACL',
    'SETUSER',
    'app',
    'on',
    '>hidden-word',
    '~rc:*',
    '&rc:*',
    '+@all',
    '-xadd',
    '-publish',
  )
  const ports = [primary.port]
  const texts = [
    await refused(t, { ports, username: 'app', password: ['other-word'] }, /does not know the user/),
    await refused(
      t,
      { ports, username: 'app', password: ['hidden-word'] },
      /does not let this user use the commands XADD, PUBLISH/,
    ),
    await refused(
      t,
      { ports, username: 'app', password: ['hidden-word'], prefix: 'zz' },
      /the keys of the prefix/,
    ),
  ]
  for (const text of texts) ok(!/-word/.test(text), text)
  await primary.call('ACL', 'SETUSER', 'app', 'resetkeys', 'allkeys', 'resetchannels', '+@all')
  await refused(t, { ports, username: 'app', password: ['hidden-word'] }, /the channels of the prefix/)
  await primary.call('ACL', 'SETUSER', 'app', '-info')
  await refused(t, { ports, username: 'app', password: ['hidden-word'] }, /does not let this user.*info/)
  const cluster = await startRedisCluster(t)
  await refused(
    t,
    { ports: [cluster.servers[0]?.port ?? 0] },
    /belongs to a Redis Cluster; name at least two/,
  )
  await primary.kill()
  await refused(t, { ports }, /refuses connections/)
})

test('the last id of a publisher and the ids that were seen are kept with the record', async t => {
  const redis = await startRedis(t)
  const heard = await up(t, { ports: [redis.port] })
  const say = (id: string | undefined, after: string | undefined, isLoose = false) =>
    append(channel, `${id}`, { sequence: { id, seenMs: 60_000, after, isLoose } })
  const [one, two, early, again, loose, none, then] = await heard.append(
    say('1', undefined),
    say('2', '1'),
    say('4', '3'),
    say('2', '2'),
    say('x', undefined, true),
    append(channel, 'silent', { sequence: undefined }),
    say('3', '2'),
  )
  ok(isAppended(one) && isAppended(two) && isAppended(loose) && isAppended(none) && isAppended(then))
  deepEqual(early, { last: '2' })
  equal(again, 'seen')
  equal(then.offset, one.offset + 4)
  equal((await asked(heard, channel)).lastId, '3')
  const [unnamed] = await heard.append(say(undefined, '3'))
  ok(isAppended(unnamed))
  equal((await asked(heard, channel)).lastId, undefined)
  const [any]: readonly unknown[] = await heard.append(say('9', '8'))
  equal(typeof (any as Appended).offset, 'number') // nothing is known that it could not follow
})

test('a comparison takes 250 channels and no more', async t => {
  const redis = await startRedis(t)
  const heard = await up(t, { ports: [redis.port] })
  const { epoch, next } = await asked(heard, channel)
  const known = Array.from({ length: 250 }, () => ({ channel, epoch, next }))
  deepEqual(await heard.compare(known), [])
  let thrown: unknown
  try {
    heard.carrier.compare(0, [...known, { channel, epoch, next }], () => {})
  } catch (error) {
    thrown = error
  }
  ok(thrown instanceof RangeError)
})

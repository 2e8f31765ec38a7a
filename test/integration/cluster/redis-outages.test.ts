// Outages of one Redis server and its replica, with publications under way: what a publisher was told is what the stream has.
import { equal, match, notEqual, ok } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Keys } from '../../../src/cluster/redis/keys.ts'
import { append, asked, place } from '../../helpers/cluster/carrier-scene.ts'
import { HeardCarrier } from '../../helpers/cluster/heard-carrier.ts'
import { type OpenOptions, redisCarrier } from '../../helpers/cluster/redis-carrier.ts'
import { appendedOf, isAppended, judgeLoad, startLoad } from '../../helpers/cluster/redis-load.ts'
import { startRelay } from '../../helpers/cluster/relay.ts'
import { channelName } from '../../helpers/mesh.ts'
import { inStep, promote, startReplicated } from '../../helpers/redis/pair.ts'
import { type RedisServer, startRedis } from '../../helpers/redis/server.ts'
import { until } from '../../helpers/until.ts'

const channel = channelName('news')
const stream = new Keys('rc', 64).of('history', channel)

async function up(t: TestContext, options: OpenOptions): Promise<HeardCarrier> {
  const heard = new HeardCarrier(redisCarrier(options))
  t.after(() => heard.close())
  await heard.ready()
  return heard
}

function entriesOf(redis: RedisServer): Promise<unknown> {
  return redis.call('XRANGE', stream, '-', '+')
}

async function cameBack(heard: HeardCarrier, starts: number): Promise<void> {
  await until('the lane came back', () => heard.ups.has(0) && (heard.starts[0] ?? 0) > starts)
}

test('connections that are killed under load: what was acknowledged is there, what was refused is not', async t => {
  const redis = await startRedis(t)
  const heard = await up(t, { ports: [redis.port] })
  const load = startLoad(heard, channel)
  for (let kill = 1; kill <= 5; kill++) {
    const before = appendedOf(load.outcomes)
    await until('some are appended', () => appendedOf(load.outcomes) > before + 20)
    await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await cameBack(heard, kill)
  }
  await load.stop()
  judgeLoad(load.outcomes, await entriesOf(redis))
  ok([...load.outcomes.values()].includes('away'))
  ok(appendedOf(load.outcomes) > 100)
})

test('a way that is cut in the middle of answers: what was written and not answered is unknown', async t => {
  const redis = await startRedis(t)
  const relay = await startRelay(t, redis.port)
  const heard = await up(t, { ports: [relay.port] })
  await place(heard, channel, 'before')
  relay.delay(0, 300)
  const written = heard.append(append(channel, 'written'))
  const client = await redis.client()
  await until('it is in the stream', async () => Number(await client.call('XLEN', stream)) === 2)
  // The answer is on its way, and the call behind it is written, too; what is asked for now is not.
  relay.cut()
  const [outcome] = await written
  equal(outcome, 'unknown')
  const [refused] = await heard.append(append(channel, 'refused'))
  equal(refused, 'away')
  equal(Number(await client.call('XLEN', stream)), 2)
  relay.delay(0, 0)
  relay.mend()
  await cameBack(heard, 1)
  const { offset } = await place(heard, channel, 'after')
  equal(offset, (await asked(heard, channel)).next - 1)
})

test('a server that is paused is noticed within its deadline, by ping or by command, and comes back', async t => {
  const redis = await startRedis(t)
  const heard = await up(t, { ports: [redis.port], timeoutMs: 500, pingMs: 100 })
  const { epoch } = await place(heard, channel, 'before')
  redis.pause()
  const startMs = performance.now()
  const [outcome] = await heard.append(append(channel, 'meanwhile'))
  equal(outcome, 'unknown')
  await until('it is noticed', () => !heard.ups.has(0))
  ok(performance.now() - startMs >= 400)
  match(heard.reasons[0] ?? '', /did not answer within 500 ms|do not arrive/)
  redis.resume()
  await cameBack(heard, 1)
  equal((await asked(heard, channel)).epoch, epoch)
})

test('a way that is silent is noticed though nobody publishes', async t => {
  const redis = await startRedis(t)
  const relay = await startRelay(t, redis.port)
  const heard = await up(t, { ports: [relay.port], timeoutMs: 500, pingMs: 100 })
  relay.silence()
  await until('it is noticed', () => !heard.ups.has(0))
  relay.mend()
  await cameBack(heard, 1)
})

test('a server that is killed and starts empty begins a new epoch above all that its node ever saw', async t => {
  const redis = await startRedis(t)
  const heard = await up(t, { ports: [redis.port] })
  const before = await place(heard, channel, 'before', { reached: 2 ** 50 })
  await redis.kill()
  await until('it is noticed', () => !heard.ups.has(0))
  await redis.restartEmpty()
  await cameBack(heard, 1)
  const after = await place(heard, channel, 'after', { reached: before.offset })
  notEqual(after.epoch, before.epoch)
  ok(after.offset >= before.offset + 2 ** 18)
  equal((await asked(heard, channel)).previous, undefined)
})

test('a replica that is promoted has another term: a new epoch, which knows the one before', async t => {
  const { primary, replicas } = await startReplicated(t)
  const [replica] = replicas
  ok(replica !== undefined)
  const relay = await startRelay(t, primary.port)
  const heard = await up(t, { ports: [relay.port] })
  // What began before a server ran is not what it saw happen.
  await until('the replica has run for a while', async () => (await uptimeOf(replica)) > 2)
  const before = await place(heard, channel, 'before')
  await until('in step', async () => (await inStep(primary)) === 1)
  // It has forgotten all scripts, too.
  await promote(replica)
  relay.turnTo(replica.port)
  relay.drop()
  await cameBack(heard, 1)
  const after = await place(heard, channel, 'after')
  notEqual(after.epoch, before.epoch)
  const { first, previous } = await asked(heard, channel)
  equal(first, after.offset)
  equal(previous?.epoch, before.epoch)
  equal(previous?.next, before.offset + 1)
})

test('a server that starts again from an older disk vouches for nothing that was before', async t => {
  const server = await startRedis(t)
  const heard = await up(t, { ports: [server.port] })
  await until('it has run for a while', async () => (await uptimeOf(server)) > 2)
  const kept = await place(heard, channel, 'kept')
  await server.call('SAVE')
  const lost = await place(heard, channel, 'lost')
  await server.kill()
  await server.restartFromDisk()
  await cameBack(heard, 1)
  const { epoch, first, previous } = await asked(heard, channel)
  notEqual(epoch, kept.epoch)
  ok(first > lost.offset)
  equal(previous, undefined)
})

test('a master that becomes a replica under its connections is left', async t => {
  const { primary, replicas } = await startReplicated(t)
  const heard = await up(t, { ports: [primary.port] })
  await primary.call('REPLICAOF', '127.0.0.1', replicas[0]?.port ?? 0)
  await until('it is noticed', () => heard.reasons.some(reason => /replica|connection|closed/i.test(reason)))
  await until('it is refused', () =>
    heard.reasons.some(reason => /is a replica and takes no writes/.test(reason)),
  )
  equal(heard.ups.size, 0)
})

test('with acknowledgements by replicas: only what a replica has is acknowledged, and without one nothing is appended', async t => {
  const { primary, replicas } = await startReplicated(t)
  const [replica] = replicas
  ok(replica !== undefined)
  const heard = await up(t, { ports: [primary.port], acks: 'replica', timeoutMs: 2_000 })
  const { offset } = await place(heard, channel, 'kept', { key: 'k' })
  equal(Number(await replica.call('XLEN', stream)), 1)
  replica.pause()
  const [late] = await heard.append(append(channel, 'late'))
  equal(late, 'unknown')
  // What was acknowledged by a duplicate must be as safe.
  const [duplicate] = await heard.append(append(channel, 'again', { key: 'k' }))
  equal(duplicate, 'unknown')
  ok(heard.ups.has(0))
  replica.resume()
  await until('in step', async () => (await inStep(primary)) === 1)
  equal((await place(heard, channel, 'next')).offset, offset + 2)
  await replica.kill()
  await until('it is gone', async () => (await primary.info('replication', 'connected_slaves')) === '0')
  const length = Number(await primary.call('XLEN', stream))
  const [refused] = await heard.append(append(channel, 'refused'))
  equal(refused, 'away')
  equal(Number(await primary.call('XLEN', stream)), length)
})

test('a server that must have replicas and has none is down, with the reason', async t => {
  const redis = await startRedis(t)
  const heard = await up(t, { ports: [redis.port] })
  await redis.call('CONFIG', 'SET', 'min-replicas-to-write', 1)
  const [outcome] = await heard.append(append(channel, 'refused'))
  ok(!isAppended(outcome))
  await until('it is told', () => heard.reasons.some(reason => /too few replicas/.test(reason)))
  await redis.call('CONFIG', 'SET', 'min-replicas-to-write', 0)
  await cameBack(heard, 1)
  await place(heard, channel, 'after')
})

test('a permission that is lost in the middle: what was begun is not called refused, and the server is left', async t => {
  const redis = await startRedis(t)
  await redis.call('ACL', 'SETUSER', 'app', 'on', '>word', '~*', '&*', '+@all')
  const heard = await up(t, { ports: [redis.port], username: 'app', password: ['word'], pingMs: 1_000 })
  await place(heard, channel, 'before')
  await redis.call('ACL', 'SETUSER', 'app', '-publish')
  const [outcome] = await heard.append(append(channel, 'unheard'))
  equal(outcome, 'unknown')
  equal(Number(await redis.call('XLEN', stream)), 2)
  await until('it is told', () => heard.reasons.some(reason => /use the commands PUBLISH$/.test(reason)))
  await redis.call('ACL', 'SETUSER', 'app', '+publish')
  await cameBack(heard, 1)
})

/** Whole seconds. */
async function uptimeOf(server: Awaited<ReturnType<typeof startRedis>>): Promise<number> {
  return Number(/uptime_in_seconds:(\d+)/.exec(String(await server.call('INFO', 'server')))?.[1])
}
